-- timer_active: what comes to conversations that somebody has, and to agents, as time passes.

do

-- idle: the agent spoke last and the customer has been silent; or the assistant's conversation was left.
function TIMER.idle(ctx, id)
  local c = read_conversation(ctx, id)
  if not c or c.state == 'closed' then return end
  local timeout = tonumber(call('HGET', K.group(ctx.p, c.group), 'idle_timeout')) or 0
  local watched = timeout > 0 and c.spoke_at and (c.state == 'bot' or (c.state == 'active' and c.spoke == 'agent'))
  if not watched then
    call('HDEL', K.conversation(ctx.p, id), 'idle_armed')
    return
  end
  local due = tonumber(c.spoke_at) + timeout
  if due > ctx.t then return due end
  local agent, refusal = read_holder(ctx, c)
  if refusal then return nil, refusal end
  local text = read_text(ctx, 'idle')
  reply(ctx, c, 'idle', fill_in(text, 'idle', span(text, -floor(-timeout / 1000))))
  close_conversation(ctx, c, 'system', 'idle', agent)
end

-- response: the customer has been waiting for the agent's word for too long.
function TIMER.response(ctx, id)
  local c = read_conversation(ctx, id)
  if not c or c.state ~= 'active' or not c.unanswered_since or not c.response_alert or c.slow then return end
  local due = tonumber(c.unanswered_since) + tonumber(c.response_alert)
  if due > ctx.t then return due end
  set(c, 'slow', '1')
  save_conversation(ctx, c)
  call('HINCRBY', K.agent(ctx.p, c.agent), 'slow', 1)
  note(ctx, c, 'slow', c.group, c.agent)
  alert(ctx, 'slow_response', c, c.group, ',"agent":' .. json(c.agent))
end

local function tell_requeued(ctx, c, agent, reason)
  local fields = ',"reason":"' .. reason .. '"'
  emit(ctx, c.gateway, 'conversation.requeued', head(c, 'customer') .. fields)
  emit(ctx, agent.gateway, 'conversation.requeued', head(c, 'agent') .. fields)
end

-- Who shall have a conversation that loses its agent: agent | nil, refusal.
local function pick_next(ctx, c, group)
  if held_back(group, c.id) then return nil end
  return pick_to_move(ctx, c, group.id)
end

-- It goes to somebody else, or back to its place with the level that it had first.
local function give_on(ctx, c, group, agent, reason)
  set(c, 'group', group.id)
  set(c, 'answered_at', nil)
  set(c, 'unanswered_since', nil)
  set(c, 'slow', nil)
  if c.level ~= c.first_level then set(c, 'level', c.first_level) end
  explain(ctx, c, 'group=' .. group.id .. ' step=' .. reason .. (agent and ' agent=' .. agent.id or ''))
  if agent then
    assign(ctx, c, agent, reason)
    save_agent(ctx, agent)
  else
    set(c, 'manual', held_back(group, c.id) and '1' or nil)
    enqueue(ctx, c, group)
  end
end

-- answer: an agent that has not said a word in time loses the conversation to another one.
function TIMER.answer(ctx, id)
  local c = read_conversation(ctx, id)
  if not c or c.state ~= 'active' or c.answered_at then return end
  local group = read_group(ctx, c.group)
  if not group then return end
  local refusal = check_group(ctx, group, c.group)
  if refusal then return nil, refusal end
  if group.answer_within == 0 then return end
  local due = tonumber(c.assigned_at) + group.answer_within
  if due > ctx.t then return due end
  local agent, other
  agent, refusal = read_holder(ctx, c)
  if refusal then return nil, refusal end
  if not has_name(c.avoid, agent.id) then set(c, 'avoid', c.avoid and c.avoid .. ' ' .. agent.id or agent.id) end
  set(c, 'excluded', agent.id)
  set(c, 'excluded_until', whole(ctx.t + ctx.config.dedicated_wait))
  other, refusal = pick_next(ctx, c, group)
  if refusal then return nil, refusal end

  note(ctx, c, 'unanswered', c.group, agent.id)
  release(ctx, c, agent)
  tell_requeued(ctx, c, agent, 'unanswered')
  give_on(ctx, c, group, other, 'unanswered')
  fill(ctx, agent)
end

-- grace: an agent who stayed away gives its conversations back, at their old places.
function TIMER.grace(ctx, id)
  local agent = read_agent(ctx, id)
  if not agent or agent.status ~= 'offline' then return end
  local due = agent.offline_at + ctx.config.offline_grace
  if due > ctx.t then return due end
  local held = call('ZRANGE', K.agent_open(ctx.p, id), 0, 0)
  if not held[1] then
    forget_retired(ctx, agent)
    return
  end
  local c = read_conversation(ctx, held[1])
  local group, other, refusal
  group, refusal = home_group(ctx, c.group)
  if refusal then return nil, refusal end
  other, refusal = pick_next(ctx, c, group)
  if refusal then return nil, refusal end

  note(ctx, c, 'requeued', c.group, id)
  release(ctx, c, agent)
  save(K.agent(ctx.p, id), agent)
  tell_requeued(ctx, c, agent, 'offline')
  give_on(ctx, c, group, other, 'requeue')
  if agent.load > 0 then return ctx.t end
  forget_retired(ctx, agent)
end

-- heartbeat: an agent silent for longer than `heartbeat` is offline.
function TIMER.heartbeat(ctx, id)
  local agent = read_agent(ctx, id)
  if not agent or agent.status == 'offline' or ctx.config.heartbeat == 0 then return end
  local due = max(agent.heartbeat_at, agent.online_at) + ctx.config.heartbeat + 1
  if due > ctx.t then return due end
  agent_leaves(ctx, agent)
end

-- capacity: the next step of a capacity that comes into force bit by bit.
function TIMER.capacity(ctx, id)
  local agent = read_agent(ctx, id)
  if not agent or agent.capacity >= agent.target then return end
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. id end
  settle_agent(ctx, agent, settings_in_force(agent), false)
  if agent.capacity < agent.target then return ctx.t end
end

-- wrap: the time after a close is over, and the slot is free.
function TIMER.wrap(ctx, id)
  local agent = read_agent(ctx, id)
  local key = K.agent_wrap(ctx.p, id)
  if not agent then
    call('DEL', key)
    return
  end
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. id end
  local over = call('ZRANGEBYSCORE', key, '-inf', ctx.now, 'LIMIT', 0, FILL_LIMIT)
  if over[1] then
    for i = 1, #over do
      local group, units = match(over[i], '^[^:]+:([^:]+):(%d+)')
      call('ZREM', key, over[i])
      use_units(agent, group, -tonumber(units))
    end
    fill(ctx, agent)
  end
  local due = call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  return due and tonumber(due)
end

-- ramp: another minute of an agent's first ones begins.
function TIMER.ramp(ctx, id)
  local agent = read_agent(ctx, id)
  if not agent or not agent.ramped then return end
  local due = agent.ramp_at + (agent.ramp_minute + 1) * 60000
  if due > ctx.t then return due end
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. id end
  set(agent, 'ramped', nil)
  fill(ctx, agent)
end

-- mend: looks now and then whether somebody waits beside an agent who has room, mends it, and counts it. Every step that
-- frees a slot or queues a conversation sees to it that there is none, so the count (`mended`) stays 0.
local MEND_EVERY = 60000
function TIMER.mend(ctx, id)
  local group = read_group(ctx, id)
  if not group then return end
  if call('ZCARD', K.wait(ctx.p, id)) > 0 then
    local first = call('ZRANGE', K.ready(ctx.p, id), 0, 0)[1]
    local agent = first and read_agent(ctx, first)
    if agent and agent.version == ctx.config.version then
      local before = agent.load
      fill(ctx, agent, true)
      for _ = before + 1, agent.load do note(ctx, nil, 'mended', id) end
    end
  end
  return ctx.t + MEND_EVERY
end

end
