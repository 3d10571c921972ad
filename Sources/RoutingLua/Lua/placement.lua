-- placement: a conversation meets an agent, or takes its place in a queue. Guarantees 4 and 5 live here:
-- load and held conversations change together, and nobody waits beside an agent who has room.
--
-- `pick` and `read_*` look; `assign`, `enqueue`, `release`, `fill` write and cannot fail. A function that
-- places one conversation calls `pick` before its first write and passes on what it found.

local FILL_LIMIT = 100 -- conversations that one step gives to one agent; a timer goes on with the rest
-- How deep a queue is searched past conversations that exclude the agent: more than an agent can give away
-- within `dedicated.wait`, or else somebody behind them would wait beside a free agent.
local EXCLUDED_LIMIT = 256

-- The best agent of a group who has room and is not excluded: agent | nil | nil, refusal.
-- The record must be of the configuration in force, or else a lowered capacity would be overrun.
local function pick(ctx, group_id, excluded)
  local best = call('ZRANGE', K.ready(ctx.p, group_id), 0, 1)
  local id = best[1]
  if id and id == excluded then id = best[2] end
  if not id then return nil end
  local agent = read_agent(ctx, id)
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. id end
  return agent
end

local function leave_queue(ctx, c)
  if c.state == 'waiting' then call('ZREM', K.wait(ctx.p, c.group), c.id) end
end

-- Gives the conversation to the agent; the caller saves the agent afterwards. The conversation's old
-- place must have been left, its fields `group` and `level` be those that it shall have.
local function assign(ctx, c, agent, reason)
  c.waited_ms = '0'
  if c.waiting_since then c.waited_ms = whole(max(0, ctx.t - tonumber(c.waiting_since))) end
  c.state, c.agent, c.reason = 'active', agent.id, reason
  load_agent(ctx, agent, c.group)
  local key = K.conversation(ctx.p, c.id)
  call('HSET', key, 'state', 'active', 'customer', c.customer, 'gateway', c.gateway, 'group', c.group, 'level',
    whole(c.level), 'agent', agent.id, 'opened_at', c.opened_at, 'queued_at', c.queued_at, 'assigned_at', ctx.now,
    'reason', reason, 'waited_ms', c.waited_ms, 'mode', c.mode)
  if c.waiting_since or c.excluded or c.spoke then
    call('HDEL', key, 'waiting_since', 'excluded', 'spoke', 'spoke_at')
    c.waiting_since, c.excluded, c.spoke = false, false, false
  end
  call('ZADD', K.agent_open(ctx.p, agent.id), wait_score(c), c.id)
  local fields = assigned_fields(c)
  emit(ctx, c.gateway, 'conversation.assigned', head(c, 'customer') .. fields)
  emit(ctx, agent.gateway, 'conversation.assigned', head(c, 'agent') .. fields)
end

-- The time of queueing of somebody who comes now: behind all who came before at this level, also when
-- several come in one millisecond or another worker's estimate of the time is ahead of ours.
local function queue_time(ctx, c)
  local band = (10 - c.level) * BAND
  local last = call('ZREVRANGEBYSCORE', K.wait(ctx.p, c.group), '(' .. whole(band + BAND), whole(band), 'WITHSCORES',
    'LIMIT', 0, 1)[2]
  return whole(max(ctx.t, last and tonumber(last) - band + 1 or 0))
end

-- Lets the conversation wait, at the place that its level and `queued_at` give it.
local function enqueue(ctx, c, group)
  c.state, c.agent = 'waiting', false
  local key = K.conversation(ctx.p, c.id)
  c.waiting_since = c.waiting_since or ctx.now
  call('HSET', key, 'state', 'waiting', 'customer', c.customer, 'gateway', c.gateway, 'group', c.group, 'level',
    whole(c.level), 'opened_at', c.opened_at, 'queued_at', c.queued_at, 'waiting_since', c.waiting_since, 'mode',
    c.mode)
  call('ZADD', K.wait(ctx.p, c.group), wait_score(c), c.id)
  tell_queued(ctx, c, group)
end

-- Takes the conversation from its agent; the caller fills and saves the agent afterwards.
local function release(ctx, c, agent)
  call('ZREM', K.agent_open(ctx.p, agent.id), c.id)
  call('HDEL', K.conversation(ctx.p, c.id), 'agent', 'reason', 'waited_ms', 'assigned_at')
  unload_agent(ctx, agent)
  c.agent = false
end

-- The best waiting conversation over all groups of the agent: conversation, group. `passed` counts, for
-- each group, those at its head that exclude this agent.
local function best_for(ctx, agent, passed)
  local best, best_score, best_group
  for i = 1, #agent.groups do
    local group_id = agent.groups[i].id
    local rank = passed[group_id] or 0
    if rank < EXCLUDED_LIMIT then
      local found = call('ZRANGE', K.wait(ctx.p, group_id), rank, rank, 'WITHSCORES')
      local score = tonumber(found[2])
      -- A tie between two queues goes to the lesser id, as it does within one.
      if score and (not best or score < best_score or (score == best_score and found[1] < best)) then
        best, best_score, best_group = found[1], score, group_id
      end
    end
  end
  return best, best_group
end

-- Gives a free agent what waits for it, best first, and saves the agent. `settle_agent` sees to it that no
-- agent has room for more than FILL_LIMIT beside a queue.
local function fill(ctx, agent)
  local passed = {}
  while has_room(agent) do
    local id, group_id = best_for(ctx, agent, passed)
    if not id then break end
    local c = read_conversation(ctx, id)
    if not c or c.state ~= 'waiting' or c.group ~= group_id then
      call('ZREM', K.wait(ctx.p, group_id), id) -- a place without a conversation behind it
    elseif c.excluded == agent.id then
      passed[group_id] = (passed[group_id] or 0) + 1
    else
      leave_queue(ctx, c)
      assign(ctx, c, agent, 'queue')
    end
  end
  save_agent(ctx, agent)
end

local function arm_idle(ctx, c, timeout, since)
  call('ZADD', K.due(ctx.b), whole(since + timeout), 'idle:' .. ctx.shop .. ':' .. c.id)
end

-- Hands the conversation to the assistant.
local function give_to_bot(ctx, c)
  c.state = 'bot'
  call('HSET', K.conversation(ctx.p, c.id), 'state', 'bot', 'customer', c.customer, 'gateway', c.gateway, 'group',
    c.group, 'level', whole(c.level), 'opened_at', c.opened_at, 'queued_at', c.queued_at, 'mode', c.mode, 'spoke_at',
    ctx.now)
  local timeout = tonumber(call('HGET', K.group(ctx.p, c.group), 'idle_timeout')) or 0
  if timeout > 0 then
    call('HSET', K.conversation(ctx.p, c.id), 'idle_armed', '1')
    arm_idle(ctx, c, timeout, ctx.t)
  end
  tell_bot(ctx, c)
end

-- Ends the conversation; its record stays for the retention time. Its place must have been left.
local function finish(ctx, c, by, reason, agent)
  c.state, c.closed_by, c.close_reason = 'closed', by, reason
  local key = K.conversation(ctx.p, c.id)
  call('HSET', key, 'state', 'closed', 'customer', c.customer, 'gateway', c.gateway, 'group', c.group, 'level',
    whole(c.level), 'opened_at', c.opened_at, 'closed_at', ctx.now, 'closed_by', by, 'close_reason', reason)
  call('PEXPIRE', key, ctx.config.retention)
  local fields = closed_fields(c)
  emit(ctx, c.gateway, 'conversation.closed', head(c, 'customer') .. fields)
  if agent then emit(ctx, agent.gateway, 'conversation.closed', head(c, 'agent') .. fields) end
end

-- A person is wanted and can be had in the queue only while it is enabled and not full.
local function queue_takes(ctx, group)
  return group.enabled and call('ZCARD', K.wait(ctx.p, group.id)) < group.limit
end
