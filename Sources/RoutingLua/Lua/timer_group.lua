-- timer_group: what comes to the queue of a group as time passes: fresh numbers are told, its hours and its distribution
-- change.

do

-- notify: fresh numbers for those whose place has become better since they were last told.
local NOTIFY_STEP = 100
function TIMER.notify(ctx, id)
  local group = read_whole_group(ctx, id)
  if not group or group.notify == 0 then return end
  local key = K.wait(ctx.p, id)
  local count = call('ZCARD', key)
  if count == 0 then return end
  local from = tonumber(group.notify_from) or 0
  if count <= group.hide_waiting then
    local waiting = call('ZRANGE', key, from, from + NOTIFY_STEP - 1)
    for i = 1, #waiting do
      local c = read_conversation(ctx, waiting[i])
      local position, seconds
      if c then position, seconds = place_of(ctx, c, group) end
      if position and (not c.told or position < tonumber(c.told)) then
        tell_queued(ctx, c, group, position, seconds)
        save_conversation(ctx, c)
      end
    end
    if #waiting == NOTIFY_STEP then
      call('HSET', K.group(ctx.p, id), 'notify_from', whole(from + NOTIFY_STEP))
      return ctx.t
    end
  end
  if from > 0 then call('HDEL', K.group(ctx.p, id), 'notify_from') end
  return ctx.t + group.notify
end

-- hours: the clock says otherwise of a group. Its record is settled first; then those who wait are gone through, one
-- that changes in each firing: when the group closed they go as its overflow says, when it distributes automatically again
-- those left to agents and supervisors are given out. So are, when it distributes automatically again or opens, those who
-- are offered to it from elsewhere.
local SWEEP_STEP, OFFERS_STEP = 100, 10 -- looked at in one firing; each of the latter is a search for an agent

local function shut(ctx, c, group)
  local steps = overflow_steps(group)
  local bot, to = #steps == 0, {}
  for i = 1, #steps do
    bot = bot or steps[i].bot
    for j = 1, #steps[i].to do to[#to + 1] = steps[i].to[j] end
  end
  if bot and (c.mode ~= 'human-only' or #steps == 0) then
    leave_queue(ctx, c)
    local kind, name = 'overdue', 'no_agent'
    if #steps == 0 then kind, name = 'off_hours', 'off_hours' end
    reply(ctx, c, kind, read_text(ctx, name))
    if c.mode == 'human-only' then
      finish(ctx, c, 'system', 'rejected')
    else
      explain(ctx, c, 'group=' .. c.group .. ' step=' .. kind)
      give_to_bot(ctx, c)
    end
    return true
  end
  local new = copy_of(c)
  if to[1] then offer_to(ctx, new, split(c.overflow)) end
  offer_to(ctx, new, to)
  if new.offered == c.offered then return false end
  local agent, refusal, id
  if not new.only then agent, refusal, id = pick_anywhere(ctx, new) end
  if refusal then return false, refusal end
  if agent then
    leave_queue(ctx, c)
    new.parked_at = nil
    mark(new, 'parked_at')
    assign_waiting(ctx, new, agent, id, reason_for(new, id))
    return true
  end
  if not new.parked_at then take_place(ctx, new, group) end
  save_conversation(ctx, new)
  return true, nil, true
end

local function give_out(ctx, c, group)
  local new = copy_of(c)
  set(new, 'manual', nil)
  local agent, refusal, id
  agent, refusal, id = pick_anywhere(ctx, new)
  if refusal then return false, refusal end
  if agent then
    assign_waiting(ctx, new, agent, id, reason_for(new, id))
    return true
  end
  save_conversation(ctx, new)
  return true, nil, true
end

-- Goes on with a list from where the group's record says (`field`): true when there is more | refusal. `treat` gives
-- whether it changed anything, a refusal, and whether the conversation still stands in the list.
local function sweep(ctx, group, list, field, treat)
  local key, rank = K.group(ctx.p, group.id), tonumber(group[field])
  local step = field == 'sweep' and SWEEP_STEP or OFFERS_STEP
  local waiting = call('ZRANGE', list, rank, rank + step - 1)
  for i = 1, #waiting do
    local c = read_conversation(ctx, waiting[i])
    local changed, refusal, stays = false, nil, false
    if c and c.state == 'waiting' then changed, refusal, stays = treat(ctx, c, group) end
    if refusal then return nil, refusal end
    if changed then
      call('HSET', key, field, whole(rank + i - 1 + (stays and 1 or 0)))
      return true
    end
  end
  if #waiting < step then return nil end
  call('HSET', key, field, whole(rank + step))
  return true
end

local function treat_waiting(ctx, c, group)
  if group.closing and group.open == '0' then return shut(ctx, c, group) end
  if c.manual and not held_back(group, c.id) then return give_out(ctx, c, group) end
end

-- One that is offered to a group which opened, or which distributes automatically again.
local function treat_offered(ctx, c, group)
  if group.open == '0' or held_back(group, c.id) then return false end
  local agent, refusal, id = pick_anywhere(ctx, c)
  if not agent then return false, refusal end
  assign_waiting(ctx, c, agent, id, reason_for(c, id))
  return true
end

function TIMER.hours(ctx, id)
  local group = read_whole_group(ctx, id)
  if not group then return end
  local refusal = check_group(ctx, group, id)
  if refusal then return nil, refusal end
  local more
  if group.sweep then more, refusal = sweep(ctx, group, K.wait(ctx.p, id), 'sweep', treat_waiting) end
  if refusal or more then return more and ctx.t, refusal end
  if group.sweep_offers then more, refusal = sweep(ctx, group, K.offer(ctx.p, id), 'sweep_offers', treat_offered) end
  if refusal then return nil, refusal end
  if group.sweep then call('HDEL', K.group(ctx.p, id), 'sweep', 'closing') end
  if more then return ctx.t end
  if group.sweep_offers then call('HDEL', K.group(ctx.p, id), 'sweep_offers') end
  return tonumber(group['until'] or '')
end

end
