-- queue: waiting conversations, and what a customer is told of its place.

local strict_score, wait_score, place_of, tell_queued, queue_time, take_place, leave_place, leave_queue,
  next_look, look_period, arm_wait, arm_notify, enqueue, tell_status, queue_takes
do

-- The wire protocol's score: level before time of queueing. With `credit` a level is worth so much of waiting instead.
function strict_score(c) return whole((10 - c.level) * BAND + tonumber(c.queued_at)) end
function wait_score(c)
  if c.credit then return whole(tonumber(c.queued_at) - c.level * tonumber(c.credit)) end
  return strict_score(c)
end

-- How many of its own level are served before it.
local function ahead_of_level(ctx, c, rank)
  if c.credit then return call('ZRANK', K.level(ctx.p, c.group, whole(c.level)), c.id) or 0 end
  if c.level == 10 then return rank end
  return rank - call('ZCOUNT', K.wait(ctx.p, c.group), '-inf', '(' .. whole((10 - c.level) * BAND))
end

-- Its position among its own level, so that being overtaken by a higher level does not make its number grow, and the
-- wait over everybody who is served before it: position, seconds. Nil when more than `hide_waiting` wait, when the wait
-- is above `hide_wait`, or without a slot.
function place_of(ctx, c, group)
  local key = K.wait(ctx.p, c.group)
  if not group or group.slots <= 0 or call('ZCARD', key) > group.hide_waiting then return nil end
  local rank = call('ZRANK', key, c.id)
  if not rank then return nil end
  local seconds = -floor(-((rank + 1) * handle_time(group)) / (group.slots * 1000))
  if seconds * 1000 > group.hide_wait then return nil end
  return ahead_of_level(ctx, c, rank) + 1, seconds
end

function tell_queued(ctx, c, group, position, seconds)
  local numbers = ',"hidden":true'
  if position then
    numbers = ',"position":' .. whole(position) .. ',"wait_seconds":' .. whole(seconds) .. ',"hidden":false'
  end
  if group and group.notify > 0 then set(c, 'told', position) end
  emit(ctx, c.gateway, 'conversation.queued', head(c, 'customer') .. ',"group":' .. json(c.group) .. numbers)
end

-- The time of queueing of somebody who comes now: behind all who came before at this level, also when
-- several come in one millisecond or another worker's estimate of the time is ahead of ours.
function queue_time(ctx, c, group)
  local last
  if group.credit then
    last = call('ZRANGE', K.level(ctx.p, group.id, whole(c.level)), -1, -1, 'WITHSCORES')[2]
    last = last and tonumber(last)
  else
    local band = (10 - c.level) * BAND
    last = call('ZREVRANGEBYSCORE', K.wait(ctx.p, group.id), '(' .. whole(band + BAND), whole(band), 'WITHSCORES',
      'LIMIT', 0, 1)[2]
    last = last and tonumber(last) - band
  end
  return whole(max(ctx.t, last and last + 1 or 0))
end

-- Puts the conversation where its level and `queued_at` say, in its group and in those that it is offered to.
function take_place(ctx, c, group)
  set(c, 'credit', group.credit and whole(group.credit) or nil)
  call('ZADD', K.wait(ctx.p, c.group), wait_score(c), c.id)
  if c.credit then call('ZADD', K.level(ctx.p, c.group, whole(c.level)), c.queued_at, c.id) end
  for id in gmatch(c.offered or '', '%S+') do call('ZADD', K.offer(ctx.p, id), wait_score(c), c.id) end
  if c.only then
    call('ZADD', K.agent_wanted(ctx.p, c.only), wait_score(c), c.id)
    -- The agent's record says that somebody waits for it, so that all others are spared a look.
    local agent = K.agent(ctx.p, c.only)
    if call('EXISTS', agent) == 1 then call('HSET', agent, 'wanted', '1') end
  end
end

function leave_place(ctx, c)
  call('ZREM', K.wait(ctx.p, c.group), c.id)
  if c.credit then call('ZREM', K.level(ctx.p, c.group, whole(c.level)), c.id) end
  for id in gmatch(c.offered or '', '%S+') do call('ZREM', K.offer(ctx.p, id), c.id) end
  if c.only then call('ZREM', K.agent_wanted(ctx.p, c.only), c.id) end
end

-- Out of every list that a waiting conversation may be in.
function leave_queue(ctx, c)
  if c.state ~= 'waiting' then return end
  if c.parked_at then
    call('ZREM', K.parked(ctx.p, c.group), c.id)
  else
    leave_place(ctx, c)
  end
end

-- When the next of what is to come for a waiting conversation is due, or nil.
function next_look(ctx, c, group)
  local due
  local function at(time) if time and (not due or time < due) then due = time end end
  if c.parked_at then return tonumber(c.parked_at) + group.parked_for end
  at(tonumber(c.only_until))
  at(tonumber(c.excluded_until))
  if c.avoid then at(tonumber(c.look_at)) end
  local since = tonumber(c.waiting_since)
  local step = overflow_steps(group)[(tonumber(c.steps) or 0) + 1]
  if step then at(since + step.after) end
  if c.skills then
    local relax = relax_steps(group)[(tonumber(c.relaxed) or 0) + 1]
    if relax then at(since + relax.after) end
  end
  if group.promote_after > 0 and c.level < 10 then
    at(tonumber(c.queued_at) + ((tonumber(c.promoted) or 0) + 1) * group.promote_after)
  end
  return due
end

-- How often a passed-over agent is looked at again: not every millisecond, even where nobody is waited for.
function look_period(ctx) return max(ctx.config.dedicated_wait, 1000) end

function arm_wait(ctx, c, group)
  local due = next_look(ctx, c, group)
  if due then arm(ctx, 'wait', c.id, due) end
end

-- Fresh numbers are told as long as somebody waits.
function arm_notify(ctx, group)
  if group.notify == 0 then return end
  call('ZADD', K.due(ctx.b), 'NX', whole(ctx.t + group.notify), 'notify:' .. ctx.shop .. ':' .. group.id)
end

-- Lets the conversation wait at its place, and tells it. `queued_at` and `group` are those that it shall have; an agent
-- that had it is released. `begins`: it did not wait before.
function enqueue(ctx, c, group)
  local begins = c.state ~= 'waiting'
  if begins then
    if c.agent then
      set(c, 'agent', nil)
      set(c, 'reason', nil)
      set(c, 'waited_ms', nil)
      set(c, 'assigned_at', nil)
      set(c, 'units', nil)
      set(c, 'slow', nil)
      set(c, 'unanswered_since', nil)
      set(c, 'answered_at', nil)
      set(c, 'response_alert', nil)
    end
    set(c, 'state', 'waiting')
    set(c, 'waiting_since', ctx.now)
    if c.level ~= c.first_level then set(c, 'level', c.first_level) end
    set(c, 'steps', nil)
    set(c, 'promoted', nil)
    set(c, 'relaxed', nil)
  end
  if c.avoid then set(c, 'look_at', ctx.t + look_period(ctx) + 1) end
  if group.silent_after > 0 and not c.sign_at then set(c, 'sign_at', ctx.t) end
  take_place(ctx, c, group)
  arm_notify(ctx, group)
  arm_wait(ctx, c, group)
  local position, seconds = place_of(ctx, c, group)
  tell_queued(ctx, c, group, position, seconds)
  if begins then
    note(ctx, c, 'queued', c.group)
    set(c, 'estimate', seconds and whole(seconds) or nil)
    local text = read_text(ctx, position and 'busy' or 'busy_hidden')
    if position then
      text = fill_in(fill_in(text, 'position', whole(position)), 'wait', span(text, seconds))
    end
    reply(ctx, c, 'busy', text)
  end
  save_conversation(ctx, c)
end

-- Repeats to the customer's gateway what is so now.
function tell_status(ctx, c)
  if c.state == 'waiting' then
    local group = read_group(ctx, c.group)
    tell_queued(ctx, c, group, place_of(ctx, c, group))
  elseif c.state == 'active' then
    emit(ctx, c.gateway, 'conversation.assigned', head(c, 'customer') .. assigned_fields(c))
  elseif c.state == 'bot' then
    tell_bot(ctx, c)
  else
    emit(ctx, c.gateway, 'conversation.closed', head(c, 'customer') .. closed_fields(c))
  end
end

-- Somebody may wait only while the queue is enabled and not full; who waits there already stays.
function queue_takes(ctx, group, c)
  if c.state == 'waiting' and c.group == group.id then return true end
  return group.enabled == '1' and call('ZCARD', K.wait(ctx.p, group.id)) < group.limit
end

end
