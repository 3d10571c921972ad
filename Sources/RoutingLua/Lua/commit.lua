-- commit: the frame of every function that applies an event.
--
-- args: 1 owner, 2 epoch, 3 position, 4 partition, 5 source ('' for none), 6 n, 7 now, 8 shop, 9 version
-- replies: 'committed' | 'duplicate' (acknowledged, seen before from this source)
--   | 'fenced' (the lease has passed on) | 'position' (an event before this one was not committed)
--   | 'stale' (decided under another configuration version) | 'moved' (what was read has changed since)
--   | 'behind group ID' | 'behind agent ID' (bring that record up to the configuration, then again)
--   | 'listen' (what the customer said matters: read the conversation, decide again)
--   | 'rejected REASON' (nothing changed; the worker sends the event to the dead letters)
-- All checks come before the first write, and nothing can fail after it.

local COMMON, commit, settings_of, read_config, check_version, read_text
do

COMMON = 9 -- arguments before a function's own
local SOURCE_LIMIT = 1024 -- sources remembered by a partition for recognising repeats

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

-- Removes the event from its list and moves the partition on, in the commit that applied it. A repeat does
-- not touch what is remembered of its source: its `n` is an old one, and behind it come more repeats.
local function acknowledge(b, args, is_repeat)
  local lease = K.lease(b, args[4])
  local position = whole(tonumber(args[3]) + 1)
  call('LPOP', K.inbox(b, args[4]))
  if is_repeat or args[5] == '' then
    call('HSET', lease, 'position', position)
  elseif call('HSET', lease, 'position', position, 's:' .. args[5], args[6] .. ' ' .. args[7]) > 0 then
    if call('HLEN', lease) > SOURCE_LIMIT + 12 then prune_sources(lease) end
  end
end

-- Owner, epoch and position must be equal, not "at least": an epoch alone is rolled back by a failover.
local function fence(b, args)
  local lease = K.lease(b, args[4])
  local held = call('HMGET', lease, 'owner', 'epoch', 'position', 's:' .. args[5], 'audit', 'held')
  if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end
  if held[3] ~= args[3] then return 'position' end
  holding = held[6]
  if held[5] then
    local source = args[5] ~= '' and ',"s":' .. cjson.encode(args[5]) .. ',"n":' .. args[6] or ''
    begin_entry(held[5], running, head_of_entry(args[4], args[1], args[2], args[7]) .. ',"pos":' .. args[3] .. source)
  end
  if args[5] ~= '' and held[4] and tonumber(args[6]) <= tonumber(match(held[4], '^%d+')) then
    acknowledge(b, args, true)
    return 'duplicate'
  end
end

-- Makes a function of `body(ctx, args)`, which returns nil when it has applied the event.
function commit(body)
  return function(keys, args)
    local b = shard_base(keys)
    local refusal = fence(b, args)
    if not refusal then
      local ctx = new_context(b, args[8], args[7], args[9])
      refusal = body(ctx, args)
      if not refusal then
        acknowledge(b, args)
        send_all(ctx)
      end
    end
    local reply = refusal or 'committed'
    end_entry(b, reply)
    return reply
  end
end

-- The shop's settings that functions need. Most read them with the version from the shop's record; an opening takes
-- them from its group's, which carries them too, and saves a call.
local SETTINGS = {'version', 'retention', 'offline_grace', 'heartbeat', 'dedicated_wait', 'default_group',
  'customer_retention', 'return_window', 'over_capacity', 'supervisor', 'greeting', 'survey_window', 'bad_rating'}

function settings_of(fields)
  return {
    version = fields.version, retention = fields.retention or '86400000',
    offline_grace = tonumber(fields.offline_grace) or 15000, heartbeat = tonumber(fields.heartbeat) or 0,
    dedicated_wait = tonumber(fields.dedicated_wait) or 60000, default_group = fields.default_group or '',
    customer_retention = fields.customer_retention or '7776000000',
    return_window = tonumber(fields.return_window) or 0, over_capacity = fields.over_capacity or 'group',
    supervisor = fields.supervisor, greeting = fields.greeting or '',
    survey_window = tonumber(fields.survey_window), bad_rating = tonumber(fields.bad_rating) or 0,
  }
end

function read_config(ctx)
  local values = call('HMGET', K.config(ctx.p), unpack(SETTINGS))
  local fields = {}
  for i = 1, #SETTINGS do fields[SETTINGS[i]] = values[i] or nil end
  ctx.config = settings_of(fields)
  return ctx.config
end

-- A decision made under another version is refused, so an applied configuration is in force for every event after it.
function check_version(ctx)
  if read_config(ctx).version ~= ctx.version then return 'stale' end
end

-- A text of the shop for customers, '' where it has none.
function read_text(ctx, name) return call('HGET', K.config(ctx.p), 'text:' .. name) or '' end

end
