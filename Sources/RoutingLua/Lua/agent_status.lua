-- agent_status: whether an agent receives. agent_online, agent_pause, agent_offline, agent_heartbeat.
--
-- words: agent; for agent_online also gateway and the agent's settings: capacity, groups
--   ("GROUP:STRATEGY:SKILL:CAPACITY …"), skills ("NAME:PROFICIENCY …"), weight, ramp
-- leaves: an online agent with room in the ready list of each of its groups, and their queues empty.

local forget_retired, agent_settings, settings_in_force, settle_agent
do

-- Capacity comes into force in steps, so that no call serves thousands at once; the timer goes on. For an agent
-- who is not online nothing comes into force yet, and no timer could bring it on.
local function step_capacity(ctx, agent, in_force)
  if agent.status ~= 'online' then
    set(agent, 'capacity', agent.target)
    return
  end
  set(agent, 'capacity', min(agent.target, max(in_force, agent.used) + FILL_LIMIT))
  if agent.capacity < agent.target then arm(ctx, 'capacity', agent.id, ctx.t) end
end

-- From now at the earliest: before a configuration that asks for signs of life, none may have come. `LT`, so
-- that configurations in quick succession do not put the timer off for ever.
local function arm_heartbeat(ctx, agent)
  if ctx.config.heartbeat > 0 then
    call('ZADD', K.due(ctx.b), 'LT', whole(ctx.t + ctx.config.heartbeat + 1), 'heartbeat:' .. ctx.shop .. ':' .. agent.id)
  end
end

-- An agent whom the configuration has no more is forgotten once it holds nothing.
function forget_retired(ctx, agent)
  if agent.groups_text == '' and agent.load == 0 then
    call('DEL', K.agent(ctx.p, agent.id), K.agent_wrap(ctx.p, agent.id))
    call('ZREM', K.agents(ctx.p), agent.id)
  end
end

-- An agent's settings among the arguments, from `at` on.
function agent_settings(args, at)
  return {
    target = tonumber(args[at]), groups = args[at + 1], skills = args[at + 2], weight = tonumber(args[at + 3]),
    ramp = tonumber(args[at + 4]),
  }
end

function settings_in_force(agent)
  return {target = agent.target, groups = agent.groups_text, skills = agent.skills or '', weight = agent.weight, ramp = agent.ramp}
end

-- Brings an agent's record to the configuration in force and its status to online if `online`; then
-- gives it what waits. Works for a new agent, a returning one, and one whose settings changed.
function settle_agent(ctx, agent, settings, online)
  count_agent(ctx, agent, -1)
  if agent.status == 'online' and agent.groups_text ~= settings.groups then leave_lists(ctx, agent) end
  local in_force = agent.status == 'online' and agent.capacity or 0
  if online then set(agent, 'status', 'online') end
  agent.groups_text, agent.groups = settings.groups, parse_groups(settings.groups)
  set(agent, 'target', settings.target)
  set(agent, 'skills', settings.skills ~= '' and settings.skills or nil)
  set(agent, 'weight', settings.weight)
  set(agent, 'ramp', settings.ramp)
  if settings.ramp == 0 then set(agent, 'ramped', nil) end
  set(agent, 'version', ctx.config.version)
  step_capacity(ctx, agent, in_force)
  count_agent(ctx, agent, 1)
  for i = 1, #agent.groups do
    local group = agent.groups[i]
    if agent['turn:' .. group.id] == nil then
      if group.strategy == 'round-robin' then
        take_turn(ctx, agent, group)
      elseif group.strategy == 'weighted' then
        set(agent, 'turn:' .. group.id, call('HGET', K.group(ctx.p, group.id), 'turn') or '0')
      end
    end
  end
  for name in pairs(agent) do
    if sub(name, 1, 5) == 'turn:' and not serves(agent, sub(name, 6)) then set(agent, name, nil) end
  end
  local key = K.agent(ctx.p, agent.id)
  agent.groups = nil
  set(agent, 'groups', settings.groups)
  save(key, agent)
  agent.groups = parse_groups(settings.groups)
  note_listed(agent)
  -- Where it stood before may be another list than now.
  for i = 1, #agent.groups do
    local id = agent.groups[i].id
    if agent.status ~= 'online' or not agent.listed[i] then call('ZREM', K.ready(ctx.p, id), agent.id) end
    if agent.status ~= 'online' or agent.listed[i] then call('ZREM', K.busy(ctx.p, id), agent.id) end
  end
  if agent.status ~= 'offline' then arm_heartbeat(ctx, agent) end
  fill(ctx, agent)
end

local function new_agent(ctx, id)
  local agent = {id = id, changed = {}, groups = {}, listed = {}, groups_text = '', spread_of = {}, status = 'offline', wanted = '1'}
  for i = 1, #NUMBERS do agent[NUMBERS[i]] = 0 end
  for _, name in ipairs({'load', 'used', 'wanted'}) do mark(agent, name) end
  set(agent, 'idle_since', ctx.t)
  call('ZADD', K.agents(ctx.p), 0, id)
  return agent
end

step('agent_online', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local id, gateway = args[at + 1], args[at + 2]
  local agent = read_agent(ctx, id)
  if not agent then
    agent = new_agent(ctx, id)
  elseif agent.status == 'online' and agent.version == ctx.version then
    call('HSET', K.agent(ctx.p, id), 'gateway', gateway, 'heartbeat_at', ctx.now)
    return nil
  end
  -- Back within the grace time: nothing happened. Otherwise the time of being idle starts now.
  local blinked = agent.status == 'offline' and ctx.t - agent.offline_at < ctx.config.offline_grace and agent.offline_at > 0
  if agent.status ~= 'online' and not blinked and agent.load == 0 then set(agent, 'idle_since', ctx.t) end
  if agent.status == 'offline' and not blinked then
    set(agent, 'ramp_at', ctx.t)
    set(agent, 'ramp_minute', nil)
    set(agent, 'ramp_count', nil)
    set(agent, 'ramped', nil)
  end
  set(agent, 'gateway', gateway)
  set(agent, 'online_at', ctx.t)
  settle_agent(ctx, agent, agent_settings(args, at + 3), true)
end)

step('agent_pause', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local agent = read_agent(ctx, args[at + 1])
  if not agent or agent.status ~= 'online' then return nil end
  stop_agent(ctx, agent, 'paused')
  set(agent, 'paused_at', ctx.now)
  save_agent(ctx, agent)
end)

step('agent_offline', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local agent = read_agent(ctx, args[at + 1])
  if not agent or agent.status == 'offline' then return nil end
  agent_leaves(ctx, agent)
end)

step('agent_heartbeat', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local key = K.agent(ctx.p, args[at + 1])
  local status = call('HGET', key, 'status')
  if status and status ~= 'offline' then call('HSET', key, 'heartbeat_at', ctx.now) end
end)

end
