-- people_read: read-only views for people at redis-cli and for `fenliu top`.
-- Every function: KEYS[1] the shard's tag, `{0}` or with its prefix `fl:{0}`. Lists are bounded by COUNT (default
-- LIST_LIMIT), and go on FROM a place in their order (default 0): whoever looks again and again reads a long one in pages,
-- so that nobody else waits long.

local LIST_LIMIT = 10000

local function shop_of(keys, args)
  local b = shard_base(keys)
  if not args[1] then return nil, redis.error_reply('ERR which shop? FCALL_RO ... 1 {0} SHOP') end
  if not call('ZSCORE', K.shops(b), args[1]) then
    return nil, redis.error_reply('ERR shop ' .. args[1] .. ' has no configuration in this shard; see `fenliu topology`')
  end
  return b .. args[1] .. ':', nil, b
end

local function list_limit(text) return min(LIST_LIMIT, max(1, tonumber(text or '') or LIST_LIMIT)) end

-- A page of a sorted set: `count` and `from` as they were given.
local function page_of(key, count, from, ...)
  local first = max(0, tonumber(from or '') or 0)
  return call('ZRANGE', key, first, first + list_limit(count) - 1, ...)
end

-- fl_queue SHOP GROUP [COUNT]: {position in service order, conversation, level, seconds waited} …
local function fl_queue(keys, args)
  local p, problem = shop_of(keys, args)
  if problem then return problem end
  if not args[2] then return redis.error_reply('ERR which group? FCALL_RO fl_queue 1 {0} SHOP GROUP') end
  local waiting = call('ZRANGE', K.wait(p, args[2]), 0, list_limit(args[3]) - 1)
  local time = call('TIME')
  local now = tonumber(time[1]) * 1000 + floor(tonumber(time[2]) / 1000)
  local rows = {}
  for i = 1, #waiting do
    local c = call('HMGET', K.conversation(p, waiting[i]), 'level', 'waiting_since', 'opened_at')
    local since = c[2] or c[3]
    local waited = since and max(0, floor((now - tonumber(since)) / 1000)) or 0
    rows[i] = {i, waiting[i], tonumber(c[1] or '0'), waited}
  end
  return rows
end

-- fl_agents SHOP [GROUP] [COUNT] [FROM]: {agent, status, load, capacity, groups, conversations in which it is slow to answer} …
local function fl_agents(keys, args)
  local p, problem = shop_of(keys, args)
  if problem then return problem end
  local rows = {}
  local ids = page_of(K.agents(p), args[3], args[4])
  for i = 1, #ids do
    local a = call('HMGET', K.agent(p, ids[i]), 'status', 'load', 'capacity', 'groups', 'slow')
    local names, within = {}, not args[2] or args[2] == ''
    for group in gmatch(a[4] or '', '([^ :]+):%S+') do
      names[#names + 1] = group
      within = within or group == args[2]
    end
    if within then
      rows[#rows + 1] = {ids[i], a[1] or '', tonumber(a[2] or '0'), tonumber(a[3] or '0'), table.concat(names, ' '),
        tonumber(a[5] or '0')}
    end
  end
  return rows
end

-- fl_conversation SHOP ID: field, value … ; empty when it is not known (never was, or has left retention)
local function fl_conversation(keys, args)
  local p, problem = shop_of(keys, args)
  if problem then return problem end
  if not args[2] then return redis.error_reply('ERR which conversation? FCALL_RO fl_conversation 1 {0} SHOP ID') end
  return call('HGETALL', K.conversation(p, args[2]))
end

-- fl_groups SHOP [COUNT] [FROM]: {group, waiting, agents online, slots, agents with room, ms since the head queued or -1} …
local function fl_groups(keys, args)
  local p, problem = shop_of(keys, args)
  if problem then return problem end
  local rows = {}
  local ids = page_of(K.groups(p), args[2], args[3])
  for i = 1, #ids do
    local g = call('HMGET', K.group(p, ids[i]), 'online', 'slots')
    local wait = K.wait(p, ids[i])
    local first = call('ZRANGE', wait, 0, 0)[1]
    local times = first and call('HMGET', K.conversation(p, first), 'waiting_since', 'opened_at') or {}
    rows[i] = {ids[i], call('ZCARD', wait), tonumber(g[1] or '0'), tonumber(g[2] or '0'),
      call('ZCARD', K.ready(p, ids[i])), times[1] or times[2] or '-1'}
  end
  return rows
end

-- fl_outboxes [COUNT]: {gateway, commands that it has not taken, seq of the last, dropped untaken so far} …, the longest
-- first
local function fl_outboxes(keys, args)
  local b = shard_base(keys)
  local rows = {}
  local gateways = call('HGETALL', K.gateways(b))
  for i = 1, #gateways, 2 do
    rows[#rows + 1] = {gateways[i], call('LLEN', K.outbox(b, gateways[i])), gateways[i + 1],
      call('HGET', K.dropped(b), gateways[i]) or '0'}
  end
  table.sort(rows, function(x, y) return x[2] > y[2] or (x[2] == y[2] and x[1] < y[1]) end)
  for i = list_limit(args[1]) + 1, #rows do rows[i] = nil end
  return rows
end

-- fl_shops [COUNT] [FROM]: {shop, configuration version in force, version that all records have reached} …
local function fl_shops(keys, args)
  local b = shard_base(keys)
  local rows = {}
  local shops = page_of(K.shops(b), args[1], args[2], 'WITHSCORES')
  for i = 1, #shops, 2 do
    rows[#rows + 1] = {shops[i], shops[i + 1], call('HGET', K.config(b .. shops[i] .. ':'), 'settled') or '0'}
  end
  return rows
end
