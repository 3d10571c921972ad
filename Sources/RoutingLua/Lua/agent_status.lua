-- agent_status: whether an agent receives. agent_online, agent_pause, agent_offline, agent_heartbeat.
--
-- args: common, agent; for agent_online also gateway, capacity, groups ("GROUP:STRATEGY …")
-- leaves: an online agent with room in the ready list of each of its groups, and their queues empty.

-- Capacity comes into force in steps, so that no call serves thousands at once; the timer goes on. For an agent
-- who is not online nothing comes into force yet, and no timer could bring it on.
local function step_capacity(ctx, agent, in_force)
  if agent.status ~= 'online' then
    agent.capacity = agent.target
    return
  end
  agent.capacity = min(agent.target, max(in_force, agent.load) + FILL_LIMIT)
  if agent.capacity < agent.target then
    call('ZADD', K.due(ctx.b), ctx.now, 'capacity:' .. ctx.shop .. ':' .. agent.id)
  end
end

-- From now at the earliest: before a configuration that asks for signs of life, none may have come. `LT`, so
-- that configurations in quick succession do not put the timer off for ever.
local function arm_heartbeat(ctx, agent)
  if ctx.config.heartbeat > 0 then
    call('ZADD', K.due(ctx.b), 'LT', whole(ctx.t + ctx.config.heartbeat + 1), 'heartbeat:' .. ctx.shop .. ':' .. agent.id)
  end
end

-- An agent whom the configuration has no more is forgotten once it holds nothing.
local function forget_retired(ctx, agent)
  if agent.groups_text == '' and agent.load == 0 then
    call('DEL', K.agent(ctx.p, agent.id))
    call('ZREM', K.agents(ctx.p), agent.id)
  end
end

-- Brings an agent's record to the configuration in force and its status to online if `online`; then
-- gives it what waits. Works for a new agent, a returning one, and one whose settings changed.
local function settle_agent(ctx, agent, target, groups_text, online)
  if agent.status == 'online' then count_agent(ctx, agent, -1) end
  if agent.listed and agent.groups_text ~= groups_text then
    for i = 1, #agent.groups do call('ZREM', K.ready(ctx.p, agent.groups[i].id), agent.id) end
  end
  local in_force = agent.status == 'online' and agent.capacity or 0
  if online then agent.status = 'online' end
  agent.groups_text, agent.groups, agent.target = groups_text, parse_groups(groups_text), target
  agent.version = ctx.config.version
  step_capacity(ctx, agent, in_force)
  if agent.status == 'online' then count_agent(ctx, agent, 1) end
  call('HSET', K.agent(ctx.p, agent.id), 'status', agent.status, 'capacity', whole(agent.capacity), 'target',
    whole(agent.target), 'groups', groups_text, 'version', agent.version)
  for i = 1, #agent.groups do
    local group = agent.groups[i]
    if group.strategy == 'round-robin' and call('HEXISTS', K.agent(ctx.p, agent.id), 'turn:' .. group.id) == 0 then
      take_turn(ctx, agent, group)
    end
  end
  if agent.status ~= 'offline' then arm_heartbeat(ctx, agent) end
  fill(ctx, agent)
end

local agent_online = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local id, gateway, target, groups_text = args[COMMON + 1], args[COMMON + 2], tonumber(args[COMMON + 3]),
    args[COMMON + 4]
  local agent = read_agent(ctx, id)
  local key = K.agent(ctx.p, id)
  if not agent then
    agent = {
      id = id, status = 'offline', load = 0, capacity = 0, target = 0, groups = {}, groups_text = '', offline_at = 0,
      heartbeat_at = 0, idle_since = ctx.t,
    }
    call('ZADD', K.agents(ctx.p), 0, id)
  end
  if agent.status == 'online' and agent.version == ctx.version then
    call('HSET', key, 'gateway', gateway, 'heartbeat_at', ctx.now)
    return nil
  end
  -- Back within the grace time: nothing happened. Otherwise the time of being idle starts now.
  local blinked = agent.status == 'offline' and ctx.t - agent.offline_at < ctx.config.offline_grace
  if agent.status ~= 'online' and not blinked and agent.load == 0 then agent.idle_since = ctx.t end
  agent.gateway, agent.online_at = gateway, ctx.t
  call('HSET', key, 'gateway', gateway, 'online_at', ctx.now)
  settle_agent(ctx, agent, target, groups_text, true)
end)

local agent_pause = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local agent = read_agent(ctx, args[COMMON + 1])
  if not agent or agent.status ~= 'online' then return nil end
  stop_agent(ctx, agent, 'paused')
  call('HSET', K.agent(ctx.p, agent.id), 'status', 'paused', 'paused_at', ctx.now)
end)

local agent_offline = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local agent = read_agent(ctx, args[COMMON + 1])
  if not agent or agent.status == 'offline' then return nil end
  agent_leaves(ctx, agent)
end)

local agent_heartbeat = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local key = K.agent(ctx.p, args[COMMON + 1])
  local status = call('HGET', key, 'status')
  if status and status ~= 'offline' then call('HSET', key, 'heartbeat_at', ctx.now) end
end)
