-- group: the record of a group: its settings, the sums over its agents, and what the clock says of it.
--
-- settings (written by `group_configure`; absent ones are off): strategy, open, manner (auto | manual | a share in
--   hundredths of a percent), until (when the clock says otherwise), enabled, limit, when_empty, handle_time, measured,
--   hide_waiting, hide_wait, notify, promote_after, credit, overflow, relax, silent_after, parked_for, idle_timeout,
--   response_alert, answer_within, wrap_up, service_level, agents, and the shop's settings that an opening needs
-- sums: online, paused, slots, changed_at (when the number online last changed), turn, handle_ms, handle_n
-- overflow: "AFTER:GROUP*GROUP:LEVEL:ALERT:BOT …" in the order of time; relax: "AFTER:SKILL:MINIMUM:SKILL:MINIMUM …"
-- stamp: "VERSION DIGEST" of the settings; not of a record that is set aside or about to be

local read_group, read_whole_group, stamp_of, check_group, home_group, held_back, overflow_steps, relax_steps, handle_time, measure
do

local GROUP_NUMBERS = {'slots', 'online', 'paused', 'agents', 'limit', 'handle_time', 'hide_waiting', 'hide_wait', 'notify',
  'promote_after', 'silent_after', 'parked_for', 'idle_timeout', 'response_alert', 'answer_within', 'wrap_up',
  'service_level', 'changed_at', 'handle_ms', 'handle_n'}

-- What else a record has: it changes without its settings.
local OTHERS = {
  stamp = true, version = true, under = true, new = true, retired = true, online = true, paused = true, slots = true,
  changed_at = true, turn = true, handle_ms = true, handle_n = true, emergency = true, emergency_notice = true,
  told_no_agents = true, told_queue_full = true, notify_from = true, sweep = true, closing = true, sweep_offers = true,
  reorder = true, rearm = true,
}

-- A group has some thirty settings, and to read them costs more than all else that an event needs of it. So they are
-- remembered from call to call by their digest: whatever becomes of the data (a failover, another dataset), equal digests
-- have equal settings.
local REMEMBERED_LIMIT = 4000
local remembered, remembered_count = {}, 0

-- The stamp for settings as they are written: name, value …
function stamp_of(version, settings, from) return version .. ' ' .. redis.sha1hex(table.concat(settings, '\n', from)) end

-- The digest in a stamp that is of this version.
local function digest_in(stamp, version)
  if stamp and version and sub(stamp, 1, #version + 1) == version .. ' ' then return sub(stamp, #version + 2) end
end

local function remember(digest, g)
  local settings = {}
  for name, value in pairs(g) do
    if not OTHERS[name] then settings[name] = value end
  end
  settings.opening = {__index = settings_of(settings)}
  if remembered_count >= REMEMBERED_LIMIT then remembered, remembered_count = {}, 0 end
  remembered[digest], remembered_count = {__index = settings}, remembered_count + 1
end

-- The group as an event needs it: its settings, the sums over its agents, the mean of its handling times. Nil if it has no
-- record, or one that only waits for its retirement. Once per commit and group.
function read_group(ctx, id)
  local g = ctx.groups[id]
  if g then return g end
  local key = K.group(ctx.p, id)
  local now = call('HMGET', key, 'stamp', 'version', 'online', 'slots', 'paused', 'emergency')
  local known = not now[6] and remembered[digest_in(now[1], now[2])]
  if not known then return read_whole_group(ctx, id) end
  g = setmetatable({
    id = id, version = now[2], online = number_in(now[3]), slots = number_in(now[4]), paused = number_in(now[5]),
    handle_ms = 0, handle_n = 0,
  }, known)
  if g.measured then
    local measured = call('HMGET', key, 'handle_ms', 'handle_n')
    g.handle_ms, g.handle_n = number_in(measured[1]), number_in(measured[2])
  end
  ctx.groups[id] = g
  return g
end

-- The same with all that its record has.
function read_whole_group(ctx, id)
  local g = hash(K.group(ctx.p, id))
  if not g then return nil end
  -- Marked for the next configuration (see `config.lua`): if that is in force by now, the record is set aside.
  if g.under and (call('HGET', K.config(ctx.p), 'version') or '0') ~= g.under then g.version, g.retired = '0', nil end
  if g.retired == '1' then return nil end
  for i = 1, #GROUP_NUMBERS do
    local name = GROUP_NUMBERS[i]
    local value = g[name]
    g[name] = value and tonumber(value) or 0
  end
  g.credit = tonumber(g.credit)
  local digest = digest_in(g.stamp, g.version)
  if digest and not remembered[digest] then remember(digest, g) end
  g.id = id
  ctx.groups[id] = g
  return g
end

-- Why a group's record cannot be used as it is: it is of another configuration, or its hours have changed since.
-- An opening has not looked yet whether its own configuration is still in force.
function check_group(ctx, group, id)
  if not group or group.version ~= ctx.config.version then
    return call('HGET', K.config(ctx.p), 'version') ~= ctx.config.version and 'stale' or 'behind group ' .. id
  end
  if group['until'] and ctx.t >= tonumber(group['until']) then return 'behind group ' .. id end
end

-- The group of a conversation that looks for somebody again, or the default group in place of one that the
-- configuration has no more: group | nil, refusal.
function home_group(ctx, id)
  local group = read_group(ctx, id)
  if not group then
    id = ctx.config.default_group
    group = read_group(ctx, id)
  end
  local refusal = check_group(ctx, group, id)
  if refusal then return nil, refusal end
  return group
end

-- Whether a conversation is left to agents and supervisors in this group: all are, or it is outside the share. The
-- lot of a conversation is a hash of its id that spreads ids which differ in their last figures.
function held_back(group, conversation)
  if not group.manner or group.manner == 'auto' then return false end
  if group.manner == 'manual' then return true end
  local lot = 0
  for i = 1, #conversation do lot = (lot * 31 + string.byte(conversation, i)) % 1000003 end
  return (lot * 7919 % 1000003) % 10000 >= tonumber(group.manner)
end

-- The steps of `overflow`: {after, to = {group …}, level, alert, bot} …
function overflow_steps(group)
  local steps = {}
  for after, to, level, alert, bot in gmatch(group.overflow or '', '(%d+):([^: ]*):([^: ]*):(%d):(%d)') do
    local step = {after = tonumber(after), to = {}, level = level, alert = alert == '1', bot = bot == '1'}
    for id in gmatch(to, '[^*]+') do step.to[#step.to + 1] = id end
    steps[#steps + 1] = step
  end
  return steps
end

-- The steps of `relax`: {after, skills = {name = minimum}} …
function relax_steps(group)
  local steps = {}
  for after, rest in gmatch(group.relax or '', '(%d+):(%S+)') do
    local skills = {}
    for name, minimum in gmatch(rest, '([^:]+):(%d+)') do skills[name] = tonumber(minimum) end
    steps[#steps + 1] = {after = tonumber(after), skills = skills}
  end
  return steps
end

-- What one conversation is taken to last: as configured, or the mean of those measured.
local MEASURED_ENOUGH, MEASURED_LIMIT = 20, 1000
function handle_time(group)
  if group.measured and group.handle_n >= MEASURED_ENOUGH then return max(1, floor(group.handle_ms / group.handle_n)) end
  return group.handle_time
end

-- Takes the time of one more conversation into the mean, in which the past counts less and less.
function measure(ctx, group, ms)
  if not group.measured then return end
  local sum, count = group.handle_ms + ms, group.handle_n + 1
  if count >= MEASURED_LIMIT then sum, count = floor(sum / 2), floor(count / 2) end
  group.handle_ms, group.handle_n = sum, count
  call('HSET', K.group(ctx.p, group.id), 'handle_ms', whole(sum), 'handle_n', whole(count))
end

end
