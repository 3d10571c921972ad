-- shortcut_open: an opening that the first ready agent of its group takes.

local open_shortcut
do

-- Fields of a new conversation that ask for more than a group's first agent.
local SPECIAL = {
  asks = true, requested = true, dedicated = true, skills = true, weight = true, prefer = true, continued = true,
}

-- Whether a group hands its conversations to its agents as they come; found once for all openings of a call.
local function is_plain(ctx, group)
  if group.is_plain == nil then
    group.is_plain = not group.emergency and group.open ~= '0' and (not group.manner or group.manner == 'auto')
    local counts = ' online=' .. whole(group.online)
    if group.paused > 0 then counts = counts .. ' paused=' .. whole(group.paused) end
    local offline = group.agents - group.online - group.paused
    if offline > 0 then counts = counts .. ' offline=' .. whole(offline) end
    group.why_head = 'v=' .. ctx.version .. ' group=' .. group.id .. ' step=group agent='
    group.why_counts = counts
    group.open_facts = ctx.shop .. ' ' .. ctx.now .. '\n'
    group.opened = 'opened ' .. group.id .. ' - -'
  end
  return group.is_plain
end

-- Writes the record, in the order in which later events look for its fields; behind them others, name and value.
local function write(call, key, agent_id, group_id, customer, gateway, level, now, ...)
  call('HSET', key, 'state', 'active', 'agent', agent_id, 'group', group_id, 'customer', customer, 'gateway', gateway,
    'opened_at', now, 'level', level, 'reason', 'group', ...)
end

-- The step of `conversation_open` for a conversation that has no record; `is_new`: nor has its customer. True if it is done;
-- false if it is for the general way, with the number of ready agents if that was looked at.
function open_shortcut(ctx, args, at, last, customer_key, is_new)
  local id, customer, gateway, group_id, level, mode =
    args[at + 1], args[at + 2], args[at + 3], args[at + 4], args[at + 5], args[at + 6]
  if mode ~= implied(nil, 'mode') then return false end
  local group = read_group(ctx, group_id)
  if not group or take_settings(ctx, group) or check_group(ctx, group, group_id) or not is_plain(ctx, group) then return false end
  if find(id, '"', 1, true) or find(customer, '"', 1, true) then return false end
  local now, config = ctx.now, ctx.config
  local fields, rule, arms = at + 11 + number_in(args[at + 11]), nil, nil
  for i = at + 12, fields, 2 do
    local name = args[i]
    if SPECIAL[name] then return false end
    if name == 'rule' then rule = args[i + 1] elseif name == 'arms' then arms = args[i + 1] end
  end
  local call, p = plain_calls(), ctx.p
  local key, ready = K.conversation(p, id), K.ready(p, group_id)
  local count = call('ZCARD', ready)
  if count == 0 then return false, count end
  local revision, ended = '', nil
  if not is_new then
    local came = call('HMGET', customer_key, 'revision', 'last_agent', 'last_end', 'avoid')
    revision, ended = came[1] or '', came[3] and tonumber(came[3])
    if revision ~= args[at + 7] or came[4] then return false, count end
    if came[2] and ended and config.return_window > 0 and ctx.t - ended <= config.return_window then return false, count end
  end
  local agent = read_plain_agent(ctx, call, call('ZRANGE', ready, '0', '0')[1], group_id)
  if not agent or agent.status ~= 'online' or agent.used >= agent.room then return false, count end
  local name, text, name2, text2 = why_fields(1, group.why_head .. agent.id .. group.why_counts,
    ' ready=' .. whole(count) .. (rule and ' rule=' .. rule or ''))
  if not name then return false, count end

  -- From here on it is written.
  if fields < last then
    call('HSET', customer_key, 'revision', whole(number_in(revision) + 1), unpack(args, fields + 1, last))
  elseif revision == '' then
    call('HSET', customer_key, 'revision', '1')
  end
  if revision ~= '' then call('PEXPIRE', customer_key, config.customer_retention) end
  if group.answer_within > 0 then arm(ctx, 'answer', id, ctx.t + group.answer_within) end
  call('ZADD', K.agent_open(p, agent.id), whole((10 - number_in(level)) * BAND + ctx.t), id)
  local both = ',"conversation":"' .. id .. '","customer":"' .. customer .. '","to":"'
  emit_assigned(ctx, both, gateway, agent, group_id, level, 'group', '0', '')
  if config.greeting ~= '' then
    config.greeting_json = config.greeting_json or cjson.encode(config.greeting)
    emit(ctx, gateway, 'conversation.reply', both .. 'customer","kind":"greeting","text":' .. config.greeting_json)
  end
  local others, from, to = args, at + 12, fields
  if group.response_alert > 0 then
    others = {'response_alert', whole(group.response_alert), unpack(args, from, to)}
    from, to = 1, #others
  end
  if name2 then
    write(call, key, agent.id, group_id, customer, gateway, level, now, name, text, name2, text2, unpack(others, from, to))
  else
    write(call, key, agent.id, group_id, customer, gateway, level, now, name, text, unpack(others, from, to))
  end
  local load, used = whole(agent.load + 1), whole(agent.used + 1)
  agent.load, agent.used, agent.idle_since = agent.load + 1, agent.used + 1, ctx.t
  call('HSET', agent.key, 'load', load, 'used', used, 'spread', group_id .. ':' .. used, 'idle_since', now)
  save_plain_agent(ctx, call, agent, true)
  local facts = ctx.gathered.facts
  facts[#facts + 1] = group.open_facts .. (arms and '@' .. arms .. '\n' or '') .. group.opened
    .. (ended and ctx.t - ended <= DAY and '\nrepeat ' .. group_id .. ' - -' or '') .. (rule and '\n!' .. rule or '')
    .. '\nassigned ' .. group_id .. ' ' .. agent.id .. ' 0'
  if call == plain_call then counted = counted + 10 end
  return true
end

end
