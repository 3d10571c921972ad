-- shortcut_close: the end of a conversation that an agent has, and the next one of its group taking the slot.

local close_shortcut
do

-- What a conversation that an agent has may keep and an end removes: those of a wait went when the agent got it.
local OF_ACTIVE = {'spoke', 'spoke_at', 'idle_armed'}
for i = 1, #OF_OPEN do OF_ACTIVE[#OF_ACTIVE + 1] = OF_OPEN[i] end

-- What is done with a field of a record that was waiting: KEEP is looked at, GONE removed, GOES both; the general way takes
-- those that have a SPECIAL one, and whose decisions may be as many as are kept.
local KEEP, GONE, GOES, SPECIAL = 1, 2, 3, 4
local FOLLOWING = {}
local function use(kind, names)
  for i = 1, #names do FOLLOWING[names[i]] = kind end
end
use(GONE, OF_WAITING)
use(GONE, {'said'})
use(KEEP, {'state', 'group', 'gateway', 'customer', 'level', 'opened_at', 'queued_at', 'arms', 'note'})
use(GOES, {'waiting_since', 'estimate', 'greeted', 'sign_at', 'heard'})
use(SPECIAL, {'only', 'only_reason', 'only_until', 'offered', 'avoid', 'skills', 'weight', 'excluded', 'excluded_until',
  'parked_at', 'manual', 'credit', 'units', 'requested', 'dedicated', 'why8'})

-- The fields of a waiting record that are looked at, those to be removed, and how many `why` it has: nil for a special one.
local function sort_out(call, key)
  local flat = call('HGETALL', key)
  local c = {
    state = false, group = false, gateway = false, customer = false, arms = false, level = false, opened_at = false,
    queued_at = false, waiting_since = false, estimate = false, greeted = false, note = false, sign_at = false, heard = false,
  }
  local gone, why = {}, 0
  for i = 1, #flat, 2 do
    local name = flat[i]
    local kind = FOLLOWING[name]
    if kind == KEEP then
      c[name] = flat[i + 1]
    elseif kind == GONE then
      gone[#gone + 1] = name
    elseif kind == GOES then
      c[name] = flat[i + 1]
      gone[#gone + 1] = name
    elseif kind then
      return nil
    elseif sub(name, 1, 3) == 'why' then
      why = why + 1
    end
  end
  return c, gone, why
end

-- Whom the freed slot takes, where that is plain: false for nobody, nil if it is for the general way; its fields, those to be
-- removed, how many `why` it has, what is added to them.
local function next_one(ctx, call, agent, group)
  local wait = K.wait(ctx.p, group.id)
  local lists = call('EXISTS', wait, K.offer(ctx.p, group.id))
  if lists == 0 then return false end
  local id = lists == 1 and call('ZRANGE', wait, '0', '0')[1]
  -- Somebody is offered to the group.
  if not id then return nil end
  -- One slot, one conversation.
  if agent.used ~= agent.room or find(id, '"', 1, true) then return nil end
  local c, gone, why = sort_out(call, K.conversation(ctx.p, id))
  if not c or c.state ~= 'waiting' or not (c.level and c.opened_at and c.customer) then return nil end
  c.queued_at, c.waiting_since = c.queued_at or c.opened_at, c.waiting_since or c.opened_at
  -- Who came or came back in this very moment has times that others imply.
  if c.opened_at == ctx.now or tonumber(c.waiting_since) >= ctx.t then return nil end
  if c.group ~= group.id or find(c.customer, '"', 1, true) then return nil end
  if group.silent_after > 0 and ctx.t - (tonumber(c.sign_at or nil) or ctx.t) > group.silent_after then return nil end
  local because = ctx.now .. ' v=' .. ctx.config.version .. ' group=' .. group.id .. ' step=queue agent=' .. agent.id
  if not why_fields(why, because, '') then return nil end
  return id, c, gone, why, because
end

-- Gives the one that waited longest to the agent: what is counted of it.
local function follow(ctx, call, agent, group, id, c, gone, why, because)
  local key, now, config = K.conversation(ctx.p, id), ctx.now, ctx.config
  local ms = whole(ctx.t - tonumber(c.waiting_since))
  call('ZREM', K.wait(ctx.p, group.id), id)
  if c.heard then call('DEL', K.conversation_texts(ctx.p, id)) end
  if group.answer_within > 0 then arm(ctx, 'answer', id, ctx.t + group.answer_within) end
  call('ZADD', K.agent_open(ctx.p, agent.id), whole((10 - number_in(c.level)) * BAND + tonumber(c.queued_at)), id)
  local both = ',"conversation":"' .. id .. '","customer":"' .. c.customer .. '","to":"'
  emit_assigned(ctx, both, c.gateway, agent, group.id, c.level, 'queue', ms, c.note and ',"note":' .. cjson.encode(c.note) or '')
  if not c.greeted and config.greeting ~= '' then
    config.greeting_json = config.greeting_json or cjson.encode(config.greeting)
    emit(ctx, c.gateway, 'conversation.reply', both .. 'customer","kind":"greeting","text":' .. config.greeting_json)
  end
  local others = {why_fields(why + 1, because, '')}
  if c.greeted then
    others[#others + 1] = 'asked_at'
    others[#others + 1] = now
  end
  if group.response_alert > 0 then
    others[#others + 1] = 'response_alert'
    others[#others + 1] = whole(group.response_alert)
  end
  call('HSET', key, 'state', 'active', 'agent', agent.id, 'waited_ms', ms, 'reason', 'queue', 'group', group.id,
    'assigned_at', now, unpack(others))
  if gone[1] then call('HDEL', key, unpack(gone)) end
  local facts = '\nassigned ' .. group.id .. ' ' .. agent.id .. ' ' .. ms
  if not c.estimate then return facts end
  local estimate = number_in(c.estimate) * 1000
  return facts .. '\nestimated ' .. group.id .. ' - ' .. whole(estimate) .. '\nestimate_error ' .. group.id .. ' - '
    .. whole(math.abs(estimate - tonumber(ms)))
end

-- The step of `conversation_close`, when its configuration is in force: true if it is done, nil if it is for the general way.
function close_shortcut(ctx, id, by)
  local call, p, now = plain_calls(), ctx.p, ctx.now
  local key = K.conversation(p, id)
  local c = call('HMGET', key, 'state', 'agent', 'group', 'customer', 'gateway', 'opened_at', 'assigned_at', 'arms', 'units', 'slow')
  if c[1] ~= 'active' or c[9] or c[10] or find(id, '"', 1, true) or find(c[4], '"', 1, true) then return nil end
  local group_id, customer_id, gateway, arms = c[3], c[4], c[5], c[8]
  local group, config = read_group(ctx, group_id), ctx.config
  if not group or group.wrap_up > 0 or config.survey_window then return nil end
  local agent = read_plain_agent(ctx, call, c[2], group_id)
  if not agent or agent.used < 1 then return nil end
  local next_id, next_c, next_gone, next_why, because = false, nil, nil, nil, nil
  local had_room = agent.used < agent.room
  if agent.status == 'online' and agent.used <= agent.room then
    next_id, next_c, next_gone, next_why, because = next_one(ctx, call, agent, group)
    if next_id == nil then return nil end
  end

  -- From here on it is written.
  local ms = max(0, ctx.t - tonumber(c[7] or c[6]))
  call('ZREM', K.agent_open(p, agent.id), id)
  measure(ctx, group, ms)
  call('HSET', key, 'state', 'closed', 'closed_at', now, 'closed_by', by)
  call('HDEL', key, unpack(OF_ACTIVE))
  call('PEXPIRE', key, config.retention)
  local customer = K.customer(p, customer_id)
  if call('PEXPIRE', customer, config.customer_retention) ~= 0 then
    call('HSET', customer, 'last_end', now, 'last_agent', agent.id, 'last_group', group_id)
  end
  local both = ',"conversation":"' .. id .. '","customer":"' .. customer_id .. '","to":"'
  local fields = '","by":"' .. by .. '","reason":"' .. by .. '"'
  emit(ctx, gateway, 'conversation.closed', both .. 'customer' .. fields)
  emit(ctx, agent.gateway, 'conversation.closed', both .. 'agent' .. fields)
  local whose = ' ' .. group_id .. ' ' .. agent.id .. ' '
  local facts = ctx.shop .. ' ' .. now .. (arms and '\n@' .. arms or '') .. '\nclosed' .. whose .. '-\nclosed_' .. by
    .. whose .. '-\nhandled' .. whose .. whole(ms)
  if next_id then
    if next_c.arms ~= arms then facts = facts .. '\n@' .. (next_c.arms or '') end
    facts = facts .. follow(ctx, call, agent, group, next_id, next_c, next_gone, next_why, because)
    agent.idle_since = now
    -- The load is what it was, and written all the same: by that an audit sees that the agent was given one, and judges it.
    call('HSET', agent.key, 'load', whole(agent.load), 'used', whole(agent.used), 'idle_since', now)
  else
    local load, used = agent.load - 1, agent.used - 1
    agent.load, agent.used = load, used
    local spread = used > 0 and group_id .. ':' .. whole(used) or ''
    if load == 0 then
      agent.idle_since = now
      call('HSET', agent.key, 'load', '0', 'used', whole(used), 'spread', spread, 'idle_since', now)
    else
      call('HSET', agent.key, 'load', whole(load), 'used', whole(used), 'spread', spread)
    end
  end
  save_plain_agent(ctx, call, agent, had_room)
  local entries = ctx.gathered.facts
  entries[#entries + 1] = facts
  if call == plain_call then counted = counted + 15 end
  return true
end

end
