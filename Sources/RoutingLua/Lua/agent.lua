-- agent: the record of an agent, its place in the ready lists, and the sums that its groups keep.
--
-- A ready list holds only agents who can take one more, best first, so choosing costs the logarithm of
-- the agents, never their number. Scores:
--   least-loaded  share of capacity used in 1/2047, then the longest idle
--   longest-idle  those without a conversation first, then the longest idle
--   round-robin   the turn at which the agent was last served
--   most-skilled  skill in the group, share of capacity used in 1/127, then the longest idle
--   weighted      the mark up to which the agent has been served
-- "Idle since" is the last assignment, or the moment the last conversation ended, or of coming online. A busy list
-- holds the others who are online, by share of capacity used: returning customers come to them above capacity.

local NUMBERS, parse_groups, parse_numbers, group_of, serves, fits, note_listed, read_agent, units_for,
  load_score, ready_score, save_agent, leave_lists, count_agent, take_turn, use_units, load_agent, unload_agent,
  stop_agent, agent_leaves
do

local STRIDE = 5040000 -- what one assignment moves the mark of an agent of weight 1

NUMBERS = {'load', 'used', 'capacity', 'target', 'idle_since', 'offline_at', 'online_at', 'heartbeat_at', 'weight',
  'ramp', 'ramp_at', 'ramp_minute', 'ramp_count', 'slow'}

-- "GROUP:STRATEGY:SKILL:CAPACITY …", as an agent's record keeps its groups; '-' is no capacity of their own. What a text
-- says is remembered, since agents of one group have the same: the groups are never changed.
local PARSED_LIMIT = 1000 -- texts remembered
local parsed, parsed_count = {}, 0
function parse_groups(text)
  local groups = parsed[text]
  if groups then return groups end
  groups = {}
  for id, strategy, skill, capacity in gmatch(text, '([^ :]+):([^ :]+):(%d+):([%d-]+)') do
    groups[#groups + 1] = {id = id, strategy = strategy, skill = tonumber(skill), capacity = tonumber(capacity)}
  end
  if parsed_count >= PARSED_LIMIT then parsed, parsed_count = {}, 0 end
  parsed[text], parsed_count = groups, parsed_count + 1
  return groups
end

-- "NAME:NUMBER NAME:NUMBER …" as a table.
function parse_numbers(text)
  local numbers = {}
  for name, number in gmatch(text or '', '([^ :]+):(%d+)') do numbers[name] = tonumber(number) end
  return numbers
end

function group_of(agent, group_id)
  for i = 1, #agent.groups do
    if agent.groups[i].id == group_id then return agent.groups[i] end
  end
end

function serves(agent, group_id) return group_of(agent, group_id) ~= nil end

-- Whether an online agent has room for so many units in one of its groups (nil: outside them).
function fits(agent, group, units)
  return agent.status == 'online' and not agent.ramped and agent.used + units <= agent.capacity
    and (not group or not group.capacity or (agent.spread_of[group.id] or 0) + units <= group.capacity)
end

-- In which of its groups' ready lists the agent stands, by what its record says.
function note_listed(agent)
  local groups, listed = agent.groups, {}
  for i = 1, #groups do listed[i] = fits(agent, groups[i], 1) end
  agent.listed = listed
end

function read_agent(ctx, id)
  local agent = hash(K.agent(ctx.p, id))
  if not agent then return nil end
  for i = 1, #NUMBERS do
    local name = NUMBERS[i]
    local value = agent[name]
    agent[name] = value and tonumber(value) or 0
  end
  agent.id, agent.changed = id, {}
  agent.groups_text, agent.groups = agent.groups, parse_groups(agent.groups)
  agent.spread_of = parse_numbers(agent.spread)
  note_listed(agent)
  return agent
end

-- What a conversation takes of an agent: never more than would fit it when idle.
function units_for(c, agent, group_id)
  local weight = tonumber(c.weight) or 1
  if weight == 1 then return 1 end
  local group = group_of(agent, group_id)
  weight = min(weight, agent.capacity)
  if group and group.capacity then weight = min(weight, group.capacity) end
  return max(1, weight)
end

local function share(agent, steps) return floor(min(agent.used, agent.capacity) * steps / max(1, agent.capacity)) end

function load_score(agent) return share(agent, 2047) * BAND + agent.idle_since end

function ready_score(agent, group)
  local strategy = group.strategy
  if strategy == 'round-robin' or strategy == 'weighted' then
    return agent['turn:' .. group.id] or '0'
  elseif strategy == 'longest-idle' then
    return whole((agent.load > 0 and BAND or 0) + agent.idle_since)
  elseif strategy == 'most-skilled' then
    return whole(((10 - group.skill) * 128 + share(agent, 127)) * BAND + agent.idle_since)
  end
  return whole(load_score(agent))
end

-- Writes what changed, and puts an online agent where it belongs in the lists of its groups.
function save_agent(ctx, agent)
  save(K.agent(ctx.p, agent.id), agent)
  if agent.status ~= 'online' then return end
  for i = 1, #agent.groups do
    local group = agent.groups[i]
    if fits(agent, group, 1) then
      if not agent.listed[i] then call('ZREM', K.busy(ctx.p, group.id), agent.id) end
      call('ZADD', K.ready(ctx.p, group.id), ready_score(agent, group), agent.id)
      agent.listed[i] = true
    else
      if agent.listed[i] then call('ZREM', K.ready(ctx.p, group.id), agent.id) end
      call('ZADD', K.busy(ctx.p, group.id), load_score(agent), agent.id)
      agent.listed[i] = false
    end
  end
end

function leave_lists(ctx, agent)
  for i = 1, #agent.groups do
    local id = agent.groups[i].id
    call('ZREM', K.ready(ctx.p, id), agent.id)
    call('ZREM', K.busy(ctx.p, id), agent.id)
    agent.listed[i] = false
  end
end

-- Adds (sign 1) or takes away (-1) an agent's part in its groups' sums; a paused one counts only as such.
function count_agent(ctx, agent, sign)
  for i = 1, #agent.groups do
    local group = agent.groups[i]
    local key = K.group(ctx.p, group.id)
    ctx.groups[group.id] = nil
    if agent.status == 'paused' then
      call('HINCRBY', key, 'paused', sign)
    elseif agent.status == 'online' then
      local slots = min(agent.capacity, group.capacity or agent.capacity)
      local sums = call('HMGET', key, 'online', 'slots')
      call('HSET', key, 'online', whole((tonumber(sums[1]) or 0) + sign), 'slots',
        whole((tonumber(sums[2]) or 0) + sign * slots), 'changed_at', ctx.now)
    end
  end
end

-- The next turn in a group that serves its agents in turn, or in proportion to their weights.
function take_turn(ctx, agent, group)
  local key, name = K.group(ctx.p, group.id), 'turn:' .. group.id
  ctx.groups[group.id] = nil
  if group.strategy == 'round-robin' then
    set(agent, name, whole(call('HINCRBY', key, 'turn', 1)))
  else
    local mark = max(tonumber(agent[name]) or 0, tonumber(call('HGET', key, 'turn')) or 0)
    call('HSET', key, 'turn', whole(mark))
    set(agent, name, whole(mark + floor(STRIDE / max(1, agent.weight))))
  end
end

-- The units used in each group, its own groups first.
local function spread_text(agent)
  local first = agent.groups[1]
  if first and not agent.groups[2] and (agent.spread_of[first.id] or 0) == agent.used then
    return agent.used > 0 and first.id .. ':' .. whole(agent.used) or ''
  end
  local parts = {}
  for i = 1, #agent.groups do
    local id = agent.groups[i].id
    local units = agent.spread_of[id] or 0
    if units ~= 0 then parts[#parts + 1] = id .. ':' .. whole(units) end
  end
  local others = {}
  for id, units in pairs(agent.spread_of) do
    if units ~= 0 and not serves(agent, id) then others[#others + 1] = id .. ':' .. whole(units) end
  end
  table.sort(others)
  for i = 1, #others do parts[#parts + 1] = others[i] end
  return table.concat(parts, ' ')
end

function use_units(agent, group_id, units)
  set(agent, 'used', agent.used + units)
  agent.spread_of[group_id] = (agent.spread_of[group_id] or 0) + units
  set(agent, 'spread', spread_text(agent))
end

-- Somebody who has just come online gets no more than `ramp` conversations a minute until it could have filled up so.
local function count_ramp(ctx, agent)
  if agent.ramp == 0 then return end
  local minute = floor((ctx.t - agent.ramp_at) / 60000)
  if minute < 0 or minute * agent.ramp >= agent.target then return end
  local count = (minute == agent.ramp_minute and agent.ramp_count or 0) + 1
  set(agent, 'ramp_minute', minute)
  set(agent, 'ramp_count', count)
  if count >= agent.ramp and not agent.ramped then
    set(agent, 'ramped', '1')
    call('ZADD', K.due(ctx.b), whole(agent.ramp_at + (minute + 1) * 60000), 'ramp:' .. ctx.shop .. ':' .. agent.id)
  end
end

-- The agent was given a conversation; `units` is what it takes.
function load_agent(ctx, agent, group_id, units)
  set(agent, 'load', agent.load + 1)
  set(agent, 'idle_since', ctx.t)
  use_units(agent, group_id, units)
  count_ramp(ctx, agent)
  local group = group_of(agent, group_id)
  if group and (group.strategy == 'round-robin' or group.strategy == 'weighted') then take_turn(ctx, agent, group) end
end

-- A conversation of the agent ended or went elsewhere. Its slot stays taken until `wrapped`, if that is given.
function unload_agent(ctx, agent, c, wrapped)
  local units = tonumber(c.units) or 1
  set(agent, 'load', agent.load - 1)
  if agent.load == 0 then set(agent, 'idle_since', ctx.t) end
  if wrapped then
    -- The same conversation may end several times within that time, and each end keeps a slot.
    local key, slot = K.agent_wrap(ctx.p, agent.id), c.id .. ':' .. c.group .. ':' .. whole(units)
    local name, copy = slot, 1
    while call('ZADD', key, 'NX', whole(wrapped), name) == 0 do
      copy = copy + 1
      name = slot .. ':' .. whole(copy)
    end
    call('ZADD', K.due(ctx.b), 'LT', whole(wrapped), 'wrap:' .. ctx.shop .. ':' .. agent.id)
  else
    use_units(agent, c.group, -units)
  end
  if c.slow then set(agent, 'slow', max(0, agent.slow - 1)) end
end

-- Takes an agent out of the lists and sums of its groups; `status` is what it becomes.
function stop_agent(ctx, agent, status)
  count_agent(ctx, agent, -1)
  if agent.status == 'online' then leave_lists(ctx, agent) end
  set(agent, 'status', status)
  if status == 'paused' then count_agent(ctx, agent, 1) end
end

-- The agent is away: nothing new, and after the grace time its conversations go back (timer `grace`).
function agent_leaves(ctx, agent)
  stop_agent(ctx, agent, 'offline')
  set(agent, 'offline_at', ctx.t)
  save(K.agent(ctx.p, agent.id), agent)
  if agent.load > 0 then
    call('ZADD', K.due(ctx.b), whole(ctx.t + ctx.config.offline_grace), 'grace:' .. ctx.shop .. ':' .. agent.id)
  end
end

end
