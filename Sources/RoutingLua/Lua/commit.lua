-- commit: the one function that applies events. They are steps of one call: each is checked first and then written, in
-- the order of their list; together they are taken off it and the partition is moved on.
--
-- What a call costs beside its steps (fence, acknowledgement, numbering of commands) is paid once for all of them. Nobody
-- sees them half done, since a call is one piece for everybody.
--
-- args: 1 owner, 2 epoch, 3 position, 4 partition, 5 now, 6 position behind all events, 7 how many heads there are, these;
--   then for each event: how many words follow, the number of its head, n, the step's own words. A head is what many events
--   have in common: source ('' for none), shop, version and step, with tabs between. A word costs nearly as much as a
--   command's field, so each is told once.
-- replies (a list; a text that has no other stands alone): one for each event up to the first that is neither committed nor
--   a duplicate: 'committed' | 'duplicate' (acknowledged, seen before from this source)
--   | 'fenced' (the lease has passed on) | 'position' (an event before this one was not committed)
--   | 'stale' (decided under another configuration version) | 'moved' (what was read has changed since)
--   | 'behind group ID' | 'behind agent ID' (bring that record up to the configuration, then again)
--   | 'listen' (what the customer said matters: read the conversation, decide again)
--   | 'rejected REASON' (nothing changed; the worker sends the event to the dead letters) | an error (the step failed)
--   Fewer than there are events, all of them good, when the call has done enough: the others come again.
-- Within a step all checks come before the first write, and nothing can fail after it.

local step, commit, settings_of, take_settings, read_config, check_version, read_text
do

local HEADS = 7 -- arguments before the heads
local SOURCE_LIMIT = 1024 -- sources remembered by a partition for recognising repeats

-- Names what is done for an event: `body(ctx, args, at, last)`, whose own words are args[at + 1] to args[last]. It returns
-- nil when it has applied the event, or else a reply.
function step(name, body) STEPS[name] = body end

-- What heads say, remembered from call to call.
local REMEMBERED_LIMIT = 4000
local remembered, remembered_count = {}, 0

local function head_of(text)
  local head = remembered[text]
  if head then return head end
  if remembered_count >= REMEMBERED_LIMIT then remembered, remembered_count = {}, 0 end
  local source, shop, version, name = match(text, '^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$')
  source = source ~= '' and source
  head = {
    source = source, field = source and 's:' .. source, shop = shop, version = version, step = name,
    alone = false, fields = false, -- what `survey` finds for a call that has no other
  }
  remembered[text], remembered_count = head, remembered_count + 1
  return head
end

-- Forgets the sources that spoke longest ago. Runs once for every SOURCE_LIMIT / 4 new sources.
local function prune_sources(lease)
  local all = call('HGETALL', lease)
  local sources = {}
  for i = 1, #all, 2 do
    if sub(all[i], 1, 2) == 's:' then
      sources[#sources + 1] = {name = all[i], at = tonumber(match(all[i + 1], ' (%d+)$')) or 0}
    end
  end
  table.sort(sources, function(x, y) return x.at < y.at or (x.at == y.at and x.name < y.name) end)
  local gone = {}
  for i = 1, #sources - floor(SOURCE_LIMIT * 3 / 4) do gone[#gone + 1] = sources[i].name end
  if #gone > 0 then call('HDEL', lease, unpack(gone)) end
end

-- Takes so many events off the list and moves the partition on, in the call that applied them. `source` and `n`: the field of
-- one that spoke, and the last that was no repeat; a repeat's is an old one, and behind it come more repeats. `others`: the
-- same of more, by field.
local function acknowledge(b, args, position, count, source, n, others)
  local inbox, lease = K.inbox(b, args[4]), K.lease(b, args[4])
  if count == 1 then
    call('LPOP', inbox)
  else
    call('LTRIM', inbox, whole(count), '-1') -- LPOP would give them all
  end
  local fresh
  if others then
    local fields = {'position', position, source, n .. ' ' .. args[5]}
    for field, last in pairs(others) do
      fields[#fields + 1] = field
      fields[#fields + 1] = last .. ' ' .. args[5]
    end
    fresh = call('HSET', lease, unpack(fields))
  elseif source then
    fresh = call('HSET', lease, 'position', position, source, n .. ' ' .. args[5])
  else
    fresh = call('HSET', lease, 'position', position)
  end
  if fresh > 0 and call('HLEN', lease) > SOURCE_LIMIT + 13 then prune_sources(lease) end
end

-- The heads, where the events begin, and the fields of the lease that the call needs.
local function survey(args)
  local count = number_in(args[HEADS])
  if count == 1 then
    local head = head_of(args[HEADS + 1])
    if not head.alone then
      head.alone, head.fields = {head}, {'owner', 'epoch', 'position', 'audit', 'held', head.field or nil}
    end
    return head.alone, HEADS + 2, head.fields
  end
  local heads, fields, known = {}, {'owner', 'epoch', 'position', 'audit', 'held'}, {}
  for i = 1, count do
    local head = head_of(args[HEADS + i])
    local field = head.field
    heads[i] = head
    if field and not known[field] then
      known[field] = true
      fields[#fields + 1] = field
    end
  end
  return heads, HEADS + count + 1, fields
end

-- What is known of each source, by its field: the last `n`.
local function last_of(fields, held)
  local last = {}
  for i = 6, #fields do
    if held[i] then last[fields[i]] = tonumber(match(held[i], '^%d+')) end
  end
  return last
end

-- Applies one event: its reply.
local function take(gathered, args, head, at, stop)
  local commands, facts = #gathered.commands, #gathered.facts
  local ctx = context_of(gathered, head.shop, args[5], head.version)
  -- A step that fails must not keep those before it from their acknowledgement.
  local well, refusal = pcall(STEPS[head.step], ctx, args, at, stop)
  if well and not refusal then
    gather_facts(ctx)
    return 'committed'
  end
  forget_gathered(gathered, ctx, commands, facts)
  if well then return refusal end
  -- Redis' own errors begin with their code, those of Lua with a place.
  local text = type(refusal) == 'table' and refusal.err or tostring(refusal)
  return {err = find(text, '^%u+ ') and text or 'ERR ' .. text}
end

function commit(keys, args)
  local b = shard_base(keys)
  local heads, at, fields = survey(args)
  local held = call('HMGET', K.lease(b, args[4]), unpack(fields))
  -- Equal, not "at least": an epoch alone is rolled back by a failover.
  if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end
  if held[3] ~= args[3] then return 'position' end
  local keep = held[4]
  holding = held[5]
  local last, gathered, replies, done = last_of(fields, held), gathering(b), {}, 0
  local first, first_n, others -- those that spoke; see `acknowledge`
  counted = 0
  while args[at] do
    local head, n, stop = heads[number_in(args[at + 1])], args[at + 2], at + number_in(args[at])
    local source = head.field
    call = counting
    if keep then
      local of = source and ',"s":' .. cjson.encode(head.source) .. ',"n":' .. n or ''
      begin_entry(keep, head.step, head_of_entry(args[4], args[1], args[2], args[5]) .. ',"pos":' .. held[3] .. of)
    end
    local reply
    local number, seen = source and tonumber(n), last[source]
    if seen and number <= seen then
      reply = 'duplicate'
    else
      reply = take(gathered, args, head, at + 2, stop)
    end
    replies[#replies + 1] = reply
    if reply == 'committed' then
      if number then
        last[source] = number
        if not first or first == source then
          first, first_n = source, n
        else
          others = others or {}
          others[source] = n
        end
      end
    elseif reply ~= 'duplicate' then
      if type(reply) == 'table' then drop_entry() else end_entry(b, reply) end
      break
    end
    done, at = done + 1, stop + 1
    if keep then
      -- An audit tells each event by itself.
      held[3] = whole(tonumber(held[3]) + 1)
      acknowledge(b, args, held[3], 1, first, first_n, others)
      send_gathered(gathered)
      end_entry(b, reply)
      first, first_n, others, done = nil, nil, nil, 0
    end
    if counted >= CALLS_ENOUGH then break end
  end
  if done > 0 then
    acknowledge(b, args, args[at] and whole(tonumber(args[3]) + done) or args[6], done, first, first_n, others)
    send_gathered(gathered)
  end
  -- A list costs as much as a call of Redis. An error stays in one: alone it would be said of the call, not of the event.
  if not replies[2] and type(replies[1]) == 'string' then return replies[1] end
  return replies
end

-- The shop's settings that functions need. Most take them from the shop's record; an opening takes them from its group's, which
-- carries them too, and saves a call.
local SETTINGS = {'retention', 'offline_grace', 'heartbeat', 'dedicated_wait', 'default_group',
  'customer_retention', 'return_window', 'over_capacity', 'supervisor', 'greeting', 'survey_window', 'bad_rating'}

function settings_of(fields)
  return {
    retention = fields.retention or '86400000',
    offline_grace = tonumber(fields.offline_grace) or 15000, heartbeat = tonumber(fields.heartbeat) or 0,
    dedicated_wait = tonumber(fields.dedicated_wait) or 60000, default_group = fields.default_group or '',
    customer_retention = fields.customer_retention or '7776000000',
    return_window = tonumber(fields.return_window) or 0, over_capacity = fields.over_capacity or 'group',
    supervisor = fields.supervisor, greeting = fields.greeting or '',
    survey_window = tonumber(fields.survey_window), bad_rating = tonumber(fields.bad_rating) or 0,
  }
end

-- Settings by the digest in the record's `stamp`, remembered from call to call; see `group.lua`.
local known, known_count = {}, 0

local function settings_with(stamp, key)
  local values = call('HMGET', key, unpack(SETTINGS))
  local fields = {}
  for i = 1, #SETTINGS do fields[SETTINGS[i]] = values[i] or nil end
  local settings = {__index = settings_of(fields)}
  if stamp then
    if known_count >= REMEMBERED_LIMIT then known, known_count = {}, 0 end
    known[stamp], known_count = settings, known_count + 1
  end
  return settings
end

function read_config(ctx)
  local key = K.config(ctx.p)
  local values = call('HMGET', key, 'version', 'stamp')
  ctx.config = setmetatable({version = values[1] or nil}, known[values[2]] or settings_with(values[2], key))
  return ctx.config
end

-- For an opening: the settings from its group's record, unless an event before it in this call has read the shop's. Whether
-- the group is of the version in force is for `check_group` to say.
function take_settings(ctx, group)
  local config = ctx.config
  if not config then
    config = not group and {} or group.opening and setmetatable({}, group.opening) or settings_of(group)
    config.version, config.is_of_group = ctx.version, true
    ctx.config = config
  elseif config.version ~= ctx.version then
    return 'stale'
  end
end

-- A decision made under another version is refused, so an applied configuration is in force for every event after it.
function check_version(ctx)
  local config = ctx.config
  if not config or config.is_of_group then config = read_config(ctx) end
  if config.version ~= ctx.version then return 'stale' end
end

-- A text of the shop for customers, '' where it has none.
function read_text(ctx, name)
  local text = ctx.texts[name]
  if not text then
    text = call('HGET', K.config(ctx.p), 'text:' .. name) or ''
    ctx.texts[name] = text
  end
  return text
end

end
