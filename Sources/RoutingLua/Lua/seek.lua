-- seek: a conversation that wants a person goes through the steps of routing, section 4: who was asked for, the
-- customer's own agent, the last one, the group's best, the queue, and what is done where none of these can be had.
--
-- `seek` only looks and gives a plan: {place = 'agent' | 'queue' | 'bot' | 'rejected', agent, group, reason, …}; `perform`
-- writes it. The notes of the earlier steps go into the record of the decision.

local DAY, read_customer, seek, plan_line, alert_group
do

DAY = 86400000
local ALERT_AGAIN = 60000 -- a group's alerts of one kind come at most so often

function read_customer(ctx, id) return hash(K.customer(ctx.p, id)) or {} end

local function other_side(c) return c.mode == 'human-only' and 'rejected' or 'bot' end

-- An agent that the conversation is meant for: true if the plan is made; refusal.
local function seek_one(ctx, c, group, plan, id, reason)
  local agent = read_agent(ctx, id)
  local found = 'unknown'
  if agent then
    if agent.version ~= ctx.config.version then return false, 'behind agent ' .. id end
    found = reason ~= 'requested' and unsuitable(ctx, c, agent) or agent.status
    if found == 'online' then
      found = 'full'
      if has_room_for(c, agent, group.id) then
        plan.place, plan.agent, plan.reason = 'agent', agent, reason
        return true
      end
    end
  elseif reason ~= 'requested' and has_name(c.avoid, id) then
    found = 'avoided'
  end
  plan.found = plan.found .. ' ' .. reason .. '=' .. found
  if found == 'avoided' or found == 'unskilled' or ctx.config.dedicated_wait == 0 or not queue_takes(ctx, group, c) then
    return false
  end
  plan.place, plan.only, plan.only_reason = 'queue', id, reason
  return true
end

-- The agent of the last conversation, or another of its group: true if the plan is made; refusal.
local function seek_returning(ctx, c, group, plan, customer)
  local last, ended = customer.last_agent, tonumber(customer.last_end)
  if ctx.config.return_window == 0 or not last or not ended or ctx.t - ended > ctx.config.return_window then return false end
  local agent = read_agent(ctx, last)
  if not agent then return false end
  if agent.version ~= ctx.config.version then return false, 'behind agent ' .. last end
  if not serves(agent, group.id) then return false end
  local over = ctx.config.over_capacity
  local found = agent.status
  if agent.status == 'online' then
    found = unsuitable(ctx, c, agent) or (over == 'never' and not has_room_for(c, agent, group.id) and 'full') or nil
    if not found then
      plan.place, plan.agent, plan.reason = 'agent', agent, 'returning'
      return true
    end
  end
  plan.found = plan.found .. ' returning=' .. found
  local other, refusal = pick_least_loaded(ctx, c, group.id, over ~= 'group')
  if refusal then return false, refusal end
  if other then
    plan.place, plan.agent, plan.reason = 'agent', other, 'returning'
    return true
  end
  return false
end

-- The groups that take over when the first cannot: those of the rule, then those of the overflow steps.
local function overflow_groups(c, group)
  local ids, seen = {}, {[group.id] = true}
  local function put(id)
    if not seen[id] then
      seen[id] = true
      ids[#ids + 1] = id
    end
  end
  for id in gmatch(c.overflow or '', '%S+') do put(id) end
  local steps = overflow_steps(group)
  for i = 1, #steps do
    for j = 1, #steps[i].to do put(steps[i].to[j]) end
  end
  return ids
end

local function is_empty(group) return group.online + group.paused == 0 end

-- No agent and no place in the own queue: true if another group takes it; refusal.
local function seek_overflow(ctx, c, group, plan)
  local ids = overflow_groups(c, group)
  local open = {}
  for i = 1, #ids do
    local other = read_group(ctx, ids[i])
    if other then
      local refusal = check_group(ctx, other, ids[i])
      if refusal then return false, refusal end
      if other.open ~= '0' and not held_back(other, c.id) then
        local agent
        agent, refusal = pick_to_move(ctx, c, other.id)
        if refusal then return false, refusal end
        if agent then
          plan.place, plan.agent, plan.reason, plan.group = 'agent', agent, 'overflow', other
          return true
        end
        open[#open + 1] = other
      end
    end
  end
  for i = 1, #open do
    local other = open[i]
    if queue_takes(ctx, other, c) and not (other.when_empty == 'fallback' and is_empty(other)) then
      plan.place, plan.group, plan.overflowed = 'queue', other, true
      return true
    end
  end
  return false
end

-- The queue, or what there is in its place; refusal.
local function seek_queue(ctx, c, group, plan)
  local fallback = false
  if c.state == 'waiting' and c.group == group.id then
    plan.place = 'queue'
    return nil
  end
  if is_empty(group) then
    plan.no_agents = true
    fallback = group.when_empty == 'fallback'
  end
  if not fallback and not queue_takes(ctx, group, c) then
    fallback = true
    plan.queue_full = group.enabled == '1'
  end
  if not fallback then
    plan.place = 'queue'
    return nil
  end
  local done, refusal = seek_overflow(ctx, c, group, plan)
  if done or refusal then return refusal end
  plan.place, plan.text = other_side(c), 'no_agent'
end

-- Looks for a person from this step on (1 closed, 2 manual, 4 requested, 5 dedicated, 6 returning, 7 the group): plan | nil,
-- refusal. `ready`: how many ready agents the group has, where that is known.
function seek(ctx, c, group, customer, from, ready)
  local plan = {group = group, home = group, found = '', passed = 0}
  plan.ready = ready or call('ZCARD', K.ready(ctx.p, group.id))
  if from <= 2 then
    if group.open == '0' then
      plan.place, plan.text, plan.kind = other_side(c), 'off_hours', 'off_hours'
      return plan
    end
    if held_back(group, c.id) then
      plan.manual = true
      local refusal = seek_queue(ctx, c, group, plan)
      if refusal then return nil, refusal end
      return plan
    end
  end
  local done, refusal
  if from <= 4 and c.requested then
    done, refusal = seek_one(ctx, c, group, plan, c.requested, 'requested')
    if refusal then return nil, refusal end
    if done then return plan end
  end
  if from <= 5 and c.dedicated then
    done, refusal = seek_one(ctx, c, group, plan, c.dedicated, 'dedicated')
    if refusal then return nil, refusal end
    if done then return plan end
  end
  if from <= 6 then
    done, refusal = seek_returning(ctx, c, group, plan, customer)
    if refusal then return nil, refusal end
    if done then return plan end
  end
  local agent
  agent, refusal, plan.passed = pick(ctx, c, group.id)
  if refusal then return nil, refusal end
  if agent then
    plan.place, plan.agent, plan.reason = 'agent', agent, 'group'
    return plan
  end
  refusal = seek_queue(ctx, c, group, plan)
  if refusal then return nil, refusal end
  return plan
end

-- The record of the decision, as a line. What is zero is left out, but for who was online.
function plan_line(c, plan)
  local g = plan.group
  local function count(name, number) return number > 0 and ' ' .. name .. '=' .. whole(number) or '' end
  return 'group=' .. g.id .. ' step=' .. (plan.reason or plan.kind or (plan.only and 'waits_for')
    or (plan.manual and plan.place == 'queue' and 'manual') or plan.place)
    .. (plan.agent and ' agent=' .. plan.agent.id or plan.only and ' agent=' .. plan.only or '') .. plan.found
    .. ' online=' .. whole(g.online) .. count('paused', g.paused) .. count('offline', g.agents - g.online - g.paused)
    .. count('ready', plan.ready) .. count('skipped', plan.passed or 0) .. (c.rule and ' rule=' .. c.rule or '')
end

-- An alert about a group, not too often.
function alert_group(ctx, kind, c, group)
  if not ctx.config.supervisor then return end
  local key, name = K.group(ctx.p, group.id), 'told_' .. kind
  if ctx.t - (tonumber(call('HGET', key, name) or nil) or -ALERT_AGAIN) < ALERT_AGAIN then return end
  call('HSET', key, name, ctx.now)
  alert(ctx, kind, c, group.id)
end

end
