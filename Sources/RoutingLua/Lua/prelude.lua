-- prelude: what every function shares. Key names (together with `Keys.swift`), numbers as text, JSON text.
--
-- keys: KEYS[1] of every function is the shard's tag with its prefix, `fl:{0}`; people may leave the
--   prefix out (`{0}`). All other keys of a call are spelled from it and lie in the same slot.
-- time: `now` is always an argument, in milliseconds; only `member_beat`, which tells it, and `fl_queue`, for people,
--   look at a clock.

-- Redis offers its API and Lua's own libraries only while a function runs, not while the library is
-- loaded, so the short names are bound by the first call.
-- `call` is exchanged while writes are noted (see `audit.lua`), and put back here too, should that function have failed.
-- `counted` is how many calls were made so far, where they are counted (see `counting`).
-- `holding` is what the lease that allows the call has in `held`: whether commands are held back (see `held.lua`).
local call, plain_call, counted, running, holding, find, format, sub, match, gmatch, floor, min, max
local function bound(body, name)
  return function(keys, args)
    if not plain_call then
      find, format, sub, match, gmatch = string.find, string.format, string.sub, string.match, string.gmatch
      floor, min, max = math.floor, math.min, math.max
      plain_call = redis.call
    end
    call, running, holding, counted = plain_call, name, nil, nil
    return body(keys, args)
  end
end

-- A function that goes through several steps takes up none after the one that brought its calls to so many, so that nobody
-- else waits for it: one step may make as many as a hundred others. `noted` counts as well (see `audit.lua`).
local CALLS_ENOUGH = 220

local function counting(...)
  counted = counted + 1
  return plain_call(...)
end

-- Redis keeps a hash in one compact piece, a quarter as large, only while all its values are as short as this (in bytes;
-- `hash-max-listpack-value`, 64 unless set otherwise).
local SHORT = 64

-- One level of the waiting list is worth 2^42 ms (the year 2109): level before time, exact in a double.
local BAND = 4398046511104

-- fl:{s}
local function shard_base(keys)
  local tag = keys[1]
  if sub(tag, 1, 1) == '{' then tag = 'fl:' .. tag end
  return tag .. ':'
end

-- The keys of a shard (b) and of a shop within it (p = b .. shop .. ':'). Types: see `Keys.swift`.
local K = {
  inbox = function(b, partition) return b .. 'in:' .. partition end,
  lease = function(b, partition) return b .. 'lease:' .. partition end,
  outbox = function(b, gateway) return b .. 'out:' .. gateway end,
  held = function(b) return b .. 'held' end,
  dead = function(b) return b .. 'dead' end,
  audit = function(b) return b .. 'audit' end,
  audited = function(b) return b .. 'audited' end,
  due = function(b) return b .. 'due' end,
  members = function(b) return b .. 'members' end,
  gateways = function(b) return b .. 'gateways' end,
  dropped = function(b) return b .. 'dropped' end,
  shops = function(b) return b .. 'shops' end,
  settings = function(b) return b .. 'settings' end,
  config = function(p) return p .. 'config' end,
  config_to_come = function(p, token) return p .. 'config:' .. token end,
  groups = function(p) return p .. 'groups' end,
  group = function(p, group) return p .. 'group:' .. group end,
  wait = function(p, group) return p .. 'wait:' .. group end,
  ready = function(p, group) return p .. 'ready:' .. group end,
  agents = function(p) return p .. 'agents' end,
  agent = function(p, agent) return p .. 'agent:' .. agent end,
  agent_open = function(p, agent) return p .. 'agent:' .. agent .. ':open' end,
  conversation = function(p, conversation) return p .. 'conv:' .. conversation end,
  conversation_texts = function(p, conversation) return p .. 'conv:' .. conversation .. ':texts' end,
  agent_wanted = function(p, agent) return p .. 'agent:' .. agent .. ':wanted' end,
  agent_wrap = function(p, agent) return p .. 'agent:' .. agent .. ':wrap' end,
  busy = function(p, group) return p .. 'busy:' .. group end,
  offer = function(p, group) return p .. 'offer:' .. group end,
  parked = function(p, group) return p .. 'parked:' .. group end,
  level = function(p, group, level) return p .. 'level:' .. group .. ':' .. level end,
  facts = function(b) return b .. 'facts' end,
  stats = function(p, rest) return p .. 'stats:' .. rest end,
  -- A pattern for SCAN that finds the conversations of all shops, and what a key found by it means.
  conversations = function(b) return b .. '*:conv:*' end,
  conversation_of = function(b, key) return match(sub(key, #b + 1), '^([^:]+):conv:([^:]+)$') end,
  customer = function(p, customer) return p .. 'customer:' .. customer end,
}

-- A whole number as text. Never `..`: Lua writes 1.7e12 and 2^53 with an exponent. `%d` takes half the time of
-- `%.0f` and is exact to 2^53.
-- Small ones, of which there are many, are remembered both ways: neither printing nor reading a number is cheap in C.
local TEXT_OF, NUMBER_OF = {}, {}
for number = 0, 999 do TEXT_OF[number], NUMBER_OF[number .. ''] = number .. '', number end

local function whole(number) return TEXT_OF[number] or format('%d', number) end

-- The number in a field that has one; 0 in one that is not there, be it nil or false.
local function number_in(text) return NUMBER_OF[text] or text and tonumber(text) or 0 end

-- A hash as a table, or nil when there is none. One call, however many fields; absent ones cost nothing.
local function hash(key)
  local flat = call('HGETALL', key)
  if not flat[1] then return nil end
  local fields = {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  return fields
end

-- Notes that `save` shall write this field, whatever it was: in the order of the first time.
local function mark(record, name)
  local changed = record.changed
  if changed[name] then return end
  changed[name] = true
  changed[#changed + 1] = name
end

-- Sets a field of a record, and notes that `save` shall write it if that is new; nil removes it.
local function set(record, name, value)
  if record[name] == value then return end
  record[name] = value
  mark(record, name)
end

-- Removes those of these fields that a record has.
local function clear(record, names)
  for i = 1, #names do
    local name = names[i]
    if record[name] ~= nil then
      record[name] = nil
      mark(record, name)
    end
  end
end

-- Writes what was noted, in that order: one call, and one more if fields went. What a reader looks for most is best set
-- first, since Redis goes through a small hash from its beginning.
local function save(key, record)
  local changed = record.changed
  if not changed[1] then return end
  local put, size, gone = {}, 0, nil
  for i = 1, #changed do
    local name = changed[i]
    local value = record[name]
    if not changed[name] then
      -- Noted, and left out after all: see `save_conversation`.
    elseif value == nil then
      gone = gone or {}
      gone[#gone + 1] = name
    else
      put[size + 1], put[size + 2] = name, value -- Redis takes whole numbers up to 2^53 as they are
      size = size + 2
    end
  end
  record.changed = {}
  if size > 0 then call('HSET', key, unpack(put)) end
  if gone then call('HDEL', key, unpack(gone)) end
end

-- Whether a list of names "A B C" has this one.
local function has_name(list, name) return list ~= nil and find(' ' .. list .. ' ', ' ' .. name .. ' ', 1, true) ~= nil end

-- JSON text of a name. The rules for names leave nothing to escape but the quotation mark, and looking for
-- that one takes a seventh of the time of a pattern for all that JSON escapes.
local function json(name)
  if find(name, '"', 1, true) then return cjson.encode(name) end
  return '"' .. name .. '"'
end
