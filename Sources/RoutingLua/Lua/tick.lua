-- tick: fires the timers that are due, in the holder of the shard's partition 0.
--
-- args: owner, epoch, now, limit, configuration version seen
-- replies: {'ticked', fired, next due ('' for none), {shop, version … applied since}, {what failed …}} | {'fenced'}
--   | {'behind', shop, 'group ID' or 'agent ID'}
-- Timers are lazy: each looks at the record when it fires, and goes, or is set anew. Each is a step of its
-- own that checks first and then writes.

-- A timer that fails (its record is not what it should be) must not stop all others: it is tried again so much later.
local FAILED_AGAIN = 60000

local TIMER = {}

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
  close_conversation(ctx, c, 'system', 'idle', agent)
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
  other, refusal = pick(ctx, group.id)
  if refusal then return nil, refusal end

  release(ctx, c, agent)
  call('HSET', K.agent(ctx.p, id), 'load', whole(agent.load), 'idle_since', whole(agent.idle_since))
  emit(ctx, c.gateway, 'conversation.requeued', head(c, 'customer') .. ',"reason":"offline"')
  emit(ctx, agent.gateway, 'conversation.requeued', head(c, 'agent') .. ',"reason":"offline"')
  c.group = group.id
  if other then
    c.waiting_since = false
    assign(ctx, c, other, 'requeue')
    save_agent(ctx, other)
  else
    enqueue(ctx, c, group)
  end
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
  settle_agent(ctx, agent, agent.target, agent.groups_text, false)
  if agent.capacity < agent.target then return ctx.t end
end

-- exclusion: who handed a conversation on may have it again when nobody else took it.
function TIMER.exclusion(ctx, id)
  local c = read_conversation(ctx, id)
  if not c or c.state ~= 'waiting' or not c.excluded then return end
  local agent, refusal = pick(ctx, c.group)
  if refusal then return nil, refusal end
  call('HDEL', K.conversation(ctx.p, id), 'excluded')
  c.excluded = false
  if agent then
    leave_queue(ctx, c)
    assign(ctx, c, agent, 'queue')
    save_agent(ctx, agent)
  end
end

local function tick(keys, args)
  local b = shard_base(keys)
  local held = call('HMGET', K.lease(b, '0'), 'owner', 'epoch')
  if held[1] ~= args[1] or held[2] ~= args[2] then return {'fenced'} end
  local due = K.due(b)
  local fired, failures = 0, {}
  local limit = tonumber(args[4])
  while fired < limit do
    local member = call('ZRANGEBYSCORE', due, '-inf', args[3], 'LIMIT', 0, 1)[1]
    if not member then break end
    local kind, shop, id = match(member, '^(%a+):([^:]+):([^:]+)$')
    local again
    if kind and TIMER[kind] then
      local ctx = new_context(b, shop, args[3])
      if read_config(ctx).version then
        local well, due_again, refusal = pcall(TIMER[kind], ctx, id)
        if not well then
          local problem = type(due_again) == 'table' and due_again.err or tostring(due_again)
          failures[#failures + 1] = member .. ' ' .. problem
          again = ctx.t + FAILED_AGAIN
        else
          if refusal then return {'behind', shop, sub(refusal, 8)} end
          again = due_again
          send_all(ctx)
        end
      end
    end
    if again then call('ZADD', due, whole(again), member) else call('ZREM', due, member) end
    fired = fired + 1
  end
  local next_due = call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''
  local changed = call('ZRANGEBYSCORE', K.shops(b), '(' .. args[5], '+inf', 'WITHSCORES', 'LIMIT', 0, 100)
  return {'ticked', fired, next_due, changed, failures}
end
