-- timer_wait: what comes to a waiting conversation as time passes: it is no longer kept for one agent, demands on skills
-- soften, it rises, other groups are offered it, the supervisor hears of it, the assistant takes it.

local TIMER, copy_of, offer_to, split
do

TIMER = {}

-- When to look again whether a passed-over agent is the only one left.
local function look_again(ctx, c)
  local since = 0
  for id in gmatch(c.group .. ' ' .. (c.offered or ''), '%S+') do
    since = max(since, tonumber(call('HGET', K.group(ctx.p, id), 'changed_at') or '') or 0)
  end
  local due = since + ctx.config.dedicated_wait + 1
  return due > ctx.t and due or ctx.t + look_period(ctx) + 1
end

function copy_of(c)
  local new = {}
  for name, value in pairs(c) do new[name] = value end
  new.changed = {}
  return new
end

-- Offers a conversation to more groups, as far as they exist.
function offer_to(ctx, c, ids)
  for i = 1, #ids do
    if ids[i] ~= c.group and not has_name(c.offered, ids[i]) and read_group(ctx, ids[i]) then
      set(c, 'offered', c.offered and c.offered .. ' ' .. ids[i] or ids[i])
    end
  end
end

function split(names)
  local ids = {}
  for id in gmatch(names or '', '%S+') do ids[#ids + 1] = id end
  return ids
end

local function soften(ctx, c, group)
  if not c.skills then return end
  local steps = relax_steps(group)
  local done = tonumber(c.relaxed) or 0
  while c.skills and steps[done + 1] and tonumber(c.waiting_since) + steps[done + 1].after <= ctx.t do
    done = done + 1
    local kept = {}
    for name, minimum in gmatch(c.skills or '', '([^ :]+):(%d+)') do
      local new = min(tonumber(minimum), steps[done].skills[name] or tonumber(minimum))
      if new > 0 then kept[#kept + 1] = name .. ':' .. whole(new) end
    end
    set(c, 'skills', kept[1] and table.concat(kept, ' ') or nil)
  end
  if done > 0 then set(c, 'relaxed', whole(done)) end
end

local function promote(ctx, c, group)
  if group.promote_after == 0 then return end
  local due = floor((ctx.t - tonumber(c.queued_at)) / group.promote_after)
  local done = tonumber(c.promoted) or 0
  if due <= done or c.level >= 10 then return end
  set(c, 'level', min(10, c.level + due - done))
  set(c, 'promoted', whole(due))
end

local function changed_level(level, change)
  local sign = sub(change, 1, 1)
  if sign == '+' or sign == '-' then return min(10, max(0, level + tonumber(change))) end
  return tonumber(change)
end

-- The overflow steps that are due: how many alerts, whether the assistant takes it.
local function take_steps(ctx, c, group)
  local steps = overflow_steps(group)
  local done, alerts, bot = tonumber(c.steps) or 0, 0, false
  while steps[done + 1] and tonumber(c.waiting_since) + steps[done + 1].after <= ctx.t do
    done = done + 1
    local step = steps[done]
    if step.level ~= '' then set(c, 'level', changed_level(c.level, step.level)) end
    if step.to[1] then
      offer_to(ctx, c, split(c.overflow))
      offer_to(ctx, c, step.to)
    end
    if step.alert then alerts = alerts + 1 end
    if step.bot and c.mode ~= 'human-only' then bot = true end
  end
  if done > 0 then set(c, 'steps', whole(done)) end
  return alerts, bot
end

local function overdue_to_bot(ctx, c)
  reply(ctx, c, 'overdue', read_text(ctx, 'no_agent'))
  explain(ctx, c, 'group=' .. c.group .. ' step=assistant')
  give_to_bot(ctx, c)
end

-- The plan or the agent for one whose time has brought something; nothing is written: plan | agent, group | refusal.
local function look_anew(ctx, c, group, expired)
  if c.manual then
    local agent, refusal, id = nil, nil, nil
    if c.offered then agent, refusal, id = pick_anywhere(ctx, c) end
    return nil, agent, id, refusal
  end
  if expired then
    local plan, refusal = seek(ctx, c, group, read_customer(ctx, c.customer), expired == 'requested' and 5 or 6)
    if refusal or plan.place == 'agent' or plan.only then return plan, nil, nil, refusal end
  end
  local agent, refusal, id = pick_anywhere(ctx, c)
  return nil, agent, id, refusal
end

function TIMER.wait(ctx, id)
  local c = read_conversation(ctx, id)
  if not c or c.state ~= 'waiting' then return end
  local group = read_group(ctx, c.group)
  if not group then return end
  local refusal = check_group(ctx, group, c.group)
  if refusal then return nil, refusal end
  if c.parked_at then
    local due = tonumber(c.parked_at) + group.parked_for
    if due > ctx.t then return due end
    close_conversation(ctx, c, 'system', 'abandoned')
    return
  end
  local due = next_look(ctx, c, group)
  if not due or due > ctx.t then return due end
  local new = copy_of(c)
  if new.excluded_until and tonumber(new.excluded_until) <= ctx.t then
    set(new, 'excluded', nil)
    set(new, 'excluded_until', nil)
  end
  local expired
  if new.only_until and tonumber(new.only_until) <= ctx.t then
    expired = new.only_reason
    set(new, 'only', nil)
    set(new, 'only_reason', nil)
    set(new, 'only_until', nil)
  end
  soften(ctx, new, group)
  promote(ctx, new, group)
  local alerts, bot = take_steps(ctx, new, group)
  if new.avoid then set(new, 'look_at', whole(look_again(ctx, new))) end
  local plan, agent, group_id
  if not bot then
    plan, agent, group_id, refusal = look_anew(ctx, new, group, expired)
    if refusal then return nil, refusal end
  end

  leave_place(ctx, c)
  for _ = 1, alerts do
    alert(ctx, 'waiting_too_long', new, new.group, ',"waited_ms":' .. waited(ctx, new))
  end
  if bot then
    overdue_to_bot(ctx, new)
  elseif agent then
    assign_waiting(ctx, new, agent, group_id, reason_for(new, group_id))
  elseif plan and plan.place == 'agent' and is_silent(ctx, new, group) then
    park(ctx, new, group)
  elseif plan and plan.place == 'agent' then
    explain(ctx, new, plan_line(new, plan))
    assign(ctx, new, plan.agent, plan.reason)
    save_agent(ctx, plan.agent)
  else
    if plan then
      set(new, 'only', plan.only)
      set(new, 'only_reason', plan.only_reason)
      set(new, 'only_until', whole(ctx.t + ctx.config.dedicated_wait))
    end
    take_place(ctx, new, group)
    save_conversation(ctx, new)
    return next_look(ctx, new, group)
  end
end

end
