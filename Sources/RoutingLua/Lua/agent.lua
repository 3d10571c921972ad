-- agent: the record of an agent, its place in the ready lists, and the sums that its groups keep.
--
-- A ready list holds only agents who can take one more, best first, so choosing costs the logarithm of
-- the agents, never their number. Scores:
--   least-loaded  share of capacity used in 1/2047, then the longest idle
--   longest-idle  those without a conversation first, then the longest idle
--   round-robin   the turn at which the agent was last served
-- "Idle since" is the last assignment, or the moment the last conversation ended, or of coming online.

-- "GROUP:STRATEGY GROUP:STRATEGY …", as an agent's record keeps them.
local function parse_groups(text)
  local groups = {}
  for group, strategy in gmatch(text, '([^ :]+):([^ ]+)') do groups[#groups + 1] = {id = group, strategy = strategy} end
  return groups
end

local function read_agent(ctx, id)
  local a = call('HMGET', K.agent(ctx.p, id), 'status', 'load', 'capacity', 'groups', 'gateway', 'idle_since',
    'version', 'target', 'offline_at', 'online_at', 'heartbeat_at')
  if not a[1] then return nil end
  local agent = {
    id = id, status = a[1], load = tonumber(a[2]), capacity = tonumber(a[3]), groups_text = a[4], gateway = a[5],
    idle_since = tonumber(a[6]), version = a[7], target = tonumber(a[8]), offline_at = tonumber(a[9]) or 0,
    online_at = tonumber(a[10]) or 0, heartbeat_at = tonumber(a[11]) or 0, groups = parse_groups(a[4]),
  }
  agent.listed = agent.status == 'online' and agent.load < agent.capacity
  return agent
end

local function serves(agent, group)
  for i = 1, #agent.groups do
    if agent.groups[i].id == group then return true end
  end
  return false
end

local function has_room(agent) return agent.status == 'online' and agent.load < agent.capacity end

local function ready_score(ctx, agent, group)
  if group.strategy == 'round-robin' then
    local turn = group.turn or call('HGET', K.agent(ctx.p, agent.id), 'turn:' .. group.id)
    return turn or '0'
  elseif group.strategy == 'longest-idle' then
    return whole((agent.load > 0 and BAND or 0) + agent.idle_since)
  end
  return whole(floor(agent.load * 2047 / agent.capacity) * BAND + agent.idle_since)
end

-- Writes what changed of load and idle time, and puts the agent where it belongs in its ready lists.
local function save_agent(ctx, agent)
  call('HSET', K.agent(ctx.p, agent.id), 'load', whole(agent.load), 'idle_since', whole(agent.idle_since))
  if has_room(agent) then
    for i = 1, #agent.groups do
      local group = agent.groups[i]
      call('ZADD', K.ready(ctx.p, group.id), ready_score(ctx, agent, group), agent.id)
    end
  elseif agent.listed then
    for i = 1, #agent.groups do call('ZREM', K.ready(ctx.p, agent.groups[i].id), agent.id) end
  end
  agent.listed = has_room(agent)
end

-- Adds (sign 1) or takes away (-1) an online agent's part in its groups' sums.
local function count_agent(ctx, agent, sign)
  for i = 1, #agent.groups do
    local key = K.group(ctx.p, agent.groups[i].id)
    call('HINCRBY', key, 'online', sign)
    call('HINCRBY', key, 'slots', whole(sign * agent.capacity))
  end
end

local function take_turn(ctx, agent, group)
  group.turn = whole(call('HINCRBY', K.group(ctx.p, group.id), 'turn', 1))
  call('HSET', K.agent(ctx.p, agent.id), 'turn:' .. group.id, group.turn)
end

-- The agent was given a conversation of this group.
local function load_agent(ctx, agent, group_id)
  agent.load = agent.load + 1
  agent.idle_since = ctx.t
  for i = 1, #agent.groups do
    local group = agent.groups[i]
    if group.id == group_id and group.strategy == 'round-robin' then take_turn(ctx, agent, group) end
  end
end

-- A conversation of the agent ended or went elsewhere.
local function unload_agent(ctx, agent)
  agent.load = agent.load - 1
  if agent.load == 0 then agent.idle_since = ctx.t end
end

-- Takes an online agent out of its ready lists and sums; `status` is what it becomes.
local function stop_agent(ctx, agent, status)
  if agent.status == 'online' then
    count_agent(ctx, agent, -1)
    if agent.listed then
      for i = 1, #agent.groups do call('ZREM', K.ready(ctx.p, agent.groups[i].id), agent.id) end
    end
  end
  agent.status, agent.listed = status, false
end

-- The agent is away: nothing new, and after the grace time its conversations go back (timer `grace`).
local function agent_leaves(ctx, agent)
  stop_agent(ctx, agent, 'offline')
  agent.offline_at = ctx.t
  call('HSET', K.agent(ctx.p, agent.id), 'status', 'offline', 'offline_at', ctx.now)
  if agent.load > 0 then
    call('ZADD', K.due(ctx.b), whole(ctx.t + ctx.config.offline_grace), 'grace:' .. ctx.shop .. ':' .. agent.id)
  end
end
