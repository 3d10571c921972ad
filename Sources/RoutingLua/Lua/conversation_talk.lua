-- conversation_talk: what is said, and said about it. conversation_message, conversation_status, conversation_rate.

do

local AVOID_LIMIT = 16 -- agents that a customer does not want again

local function unknown(id) return 'rejected conversation ' .. id .. ' is not known' end

-- The agent's first word after an assignment: how long the customer had to wait for it.
local function note_answer(ctx, c)
  local ms = max(0, ctx.t - tonumber(c.asked))
  local fact = {arms = c.arms}
  note(ctx, fact, 'answered', c.group, c.agent, ms)
  if ms <= (c.service_level or 30000) then note(ctx, fact, 'in_time', c.group, c.agent) end
end

-- conversation_message: somebody spoke. Mostly moves clocks: the cheapest and most frequent commit.
--
-- words: conversation, from (customer | agent | bot); then of the customer: '1' if it may matter to the rules; of an agent:
--   which one ('' when not said)
-- replies: 'listen' if it does matter: the assistant has it, or it waits and no rule has matched
-- leaves: `spoke`, `spoke_at`. The idle timer is armed by the agent's first word and looks at them when it
--   fires; a later word costs no timer.

local function customer_spoke(ctx, key, id, matters)
  local call = plain_calls()
  counted = counted + 4
  local c = call('HMGET', key, 'state', 'response_alert')
  local state = c[1]
  if state == 'active' then
    local alert_after = tonumber(c[2] or nil)
    if alert_after and not call('HGET', key, 'unanswered_since') then
      call('HSET', key, 'spoke', 'customer', 'spoke_at', ctx.now, 'unanswered_since', ctx.now)
      arm(ctx, 'response', id, ctx.t + alert_after)
    else
      call('HSET', key, 'spoke', 'customer', 'spoke_at', ctx.now)
    end
  elseif state == 'waiting' then
    local place = call('HMGET', key, 'parked_at', 'rule')
    if place[1] then return 'listen' end
    if not place[2] then
      if matters then return 'listen' end
      -- Whether a word matters is a matter of the configuration in force.
      if check_version(ctx) then return 'stale' end
    end
    call('HSET', key, 'spoke', 'customer', 'spoke_at', ctx.now, 'sign_at', ctx.now)
  elseif state == 'bot' then
    return 'listen'
  elseif not state then
    return unknown(id)
  end
end

-- What the agent's first word after an assignment sets beside the clocks; the idle timer's too where it was off then.
local function first_word(ctx, key, id, changes, answered, armed)
  local c = answered and {call('HGET', key, 'group')} or call('HMGET', key, 'group', 'agent', 'opened_at', 'asked_at', 'arms')
  local group = read_group(ctx, c[1])
  if not answered then
    changes[#changes + 1] = 'answered_at'
    changes[#changes + 1] = ctx.now
    note_answer(ctx, {
      asked = c[4] or c[3], arms = c[5] or nil, group = c[1], agent = c[2],
      service_level = group and group.service_level > 0 and group.service_level or nil,
    })
  end
  if not armed and group and group.idle_timeout > 0 then
    changes[#changes + 1] = 'idle_armed'
    changes[#changes + 1] = '1'
    arm(ctx, 'idle', id, ctx.t + group.idle_timeout)
  end
end

local function agent_spoke(ctx, key, id, agent)
  local call = plain_calls()
  counted = counted + 2
  -- Fields that are not asked for are not paid for.
  local c = agent == '' and call('HMGET', key, 'state', 'answered_at', 'idle_armed', 'unanswered_since')
    or call('HMGET', key, 'state', 'answered_at', 'idle_armed', 'unanswered_since', 'agent')
  if not c[1] then return unknown(id) end
  -- A late word of an agent who has handed the conversation on is not the present agent's.
  if c[1] ~= 'active' or (agent ~= '' and agent ~= c[5]) then return nil end
  if c[2] and c[3] then
    call('HSET', key, 'spoke', 'agent', 'spoke_at', ctx.now)
  else
    local changes = {'spoke', 'agent', 'spoke_at', ctx.now}
    first_word(ctx, key, id, changes, c[2], c[3])
    call('HSET', key, unpack(changes))
  end
  if not c[4] then return nil end
  local slow = call('HMGET', key, 'slow', 'agent')
  call('HDEL', key, 'unanswered_since', 'slow')
  if slow[1] then call('HINCRBY', K.agent(ctx.p, slow[2]), 'slow', '-1') end
end

local function bot_spoke(ctx, key, id)
  local state = call('HGET', key, 'state')
  if not state then return unknown(id) end
  if state ~= 'bot' then return nil end
  -- Whether an outside bot speaks is a matter of the configuration in force.
  if check_version(ctx) then return 'stale' end
  call('HSET', key, 'spoke', 'bot', 'spoke_at', ctx.now)
end

-- Each side looks at what it needs only: to look for a field of a small hash is to go through it.
-- Its calls are not counted one by one: there are few, and counting costs as much as the half of one.
step('conversation_message', function(ctx, args, at)
  local id, from = args[at + 1], args[at + 2]
  local key = K.conversation(ctx.p, id)
  if from == 'customer' then return customer_spoke(ctx, key, id, args[at + 3] == '1') end
  if from == 'agent' then return agent_spoke(ctx, key, id, args[at + 3]) end
  return bot_spoke(ctx, key, id)
end)

-- conversation_relay: the outside bot has said something.
--
-- words: conversation, text
step('conversation_relay', function(ctx, args, at)
  if check_version(ctx) then return 'stale' end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  if c.state ~= 'bot' then return nil end
  reply(ctx, c, 'message', args[at + 2])
  set(c, 'spoke', 'bot')
  set(c, 'spoke_at', ctx.now)
  save_conversation(ctx, c)
end)

-- conversation_listen: a customer's word that matters: to the assistant, or to the rules while nobody has it.
--
-- words: conversation, state and texts heard when it was decided, what it means (gather | faq | missed | handoff |
--   matched), the assistant's answer, text, texts to drop of the older ones, group, level, mode, count of fields, fields that
--   the rules gave now (name, value …)
step('conversation_listen', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  if c.state ~= args[at + 2] or whole(c.heard_in_all) ~= args[at + 3] then return 'moved' end
  local meaning, answer, text, drop = args[at + 4], args[at + 5], args[at + 6], tonumber(args[at + 7])
  local group_id, level, mode = args[at + 8], tonumber(args[at + 9]), args[at + 10]
  if meaning == 'matched' then return move_by_rule(ctx, c, group_id, level, mode, args, at + 11) end
  if c.state == 'waiting' then
    local agent, group
    agent, refusal, group = pick_again(ctx, c)
    if refusal then return refusal end
    give_sign(ctx, c)
    gather(ctx, c, text, drop)
    set(c, 'spoke', 'customer')
    set(c, 'spoke_at', ctx.now)
    set(c, 'sign_at', ctx.now)
    if agent then
      assign_waiting(ctx, c, agent, group, reason_for(c, group))
    else
      save_conversation(ctx, c)
    end
    return nil
  end
  local misses = (tonumber(c.misses) or 0) + 1
  set(c, 'spoke', 'customer')
  set(c, 'spoke_at', ctx.now)
  if meaning == 'handoff' or meaning == 'missed' then
    local missed = meaning == 'missed'
    local bot = call('HMGET', K.config(ctx.p), 'bot_gateway', 'max_misses')
    if c.mode ~= 'bot-only' and (not missed or misses >= (tonumber(bot[2]) or 2)) then
      local before = {group = c.group, arms = c.arms}
      local refused = hand_off(ctx, c, group_id, level, mode, args, at + 11, function()
        if missed then note(ctx, before, 'missed', before.group) end
        if bot[1] then pass_on(ctx, c, bot[1], text) end
        gather(ctx, c, text, drop)
      end)
      return refused
    end
    if missed then
      note(ctx, c, 'missed', c.group)
      set(c, 'misses', whole(misses))
    end
    if bot[1] then pass_on(ctx, c, bot[1], text) end
  elseif meaning == 'faq' then
    note(ctx, c, 'faq', c.group)
    reply(ctx, c, 'faq', answer)
    set(c, 'misses', nil)
  else
    pass_on(ctx, c, call('HGET', K.config(ctx.p), 'bot_gateway') or '', text)
  end
  gather(ctx, c, text, drop)
  save_conversation(ctx, c)
end)

-- conversation_status: repeats the present status to the customer's gateway (排队刷新); a sign of life.
--
-- words: conversation
step('conversation_status', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  return repeat_status(ctx, c)
end)

-- The agent whom the customer rated badly is passed over for it, one rated better is not any more.
local function remember_rating(ctx, c, is_bad)
  local key = K.customer(ctx.p, c.customer)
  local customer = call('HMGET', key, 'revision', 'avoid')
  if not customer[1] then return end
  local avoid = {}
  for id in gmatch(customer[2] or '', '%S+') do
    if id ~= c.agent then avoid[#avoid + 1] = id end
  end
  if is_bad then avoid[#avoid + 1] = c.agent end
  local text = table.concat(avoid, ' ', max(1, #avoid - AVOID_LIMIT + 1))
  if text == (customer[2] or '') then return end
  if text == '' then
    call('HDEL', key, 'avoid')
  else
    call('HSET', key, 'avoid', text)
  end
end

-- conversation_rate: satisfaction, stored with the conversation; a later rating replaces it.
--
-- words: conversation, score, comment ('' for none)
step('conversation_rate', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  local window = ctx.config.survey_window
  if window and c.closed_at and ctx.t - tonumber(c.closed_at) > window then
    return 'rejected the time for rating conversation ' .. c.id .. ' is over'
  end
  local score = tonumber(args[at + 2])
  if c.score == args[at + 2] and (args[at + 3] == '' or c.comment == args[at + 3]) then return nil end

  set(c, 'score', args[at + 2])
  set(c, 'rated_at', ctx.now)
  if args[at + 3] ~= '' then set(c, 'comment', args[at + 3]) end
  note(ctx, c, 'rated', c.group, c.agent, score)
  if c.agent then
    local is_bad = score <= ctx.config.bad_rating
    if ctx.config.bad_rating > 0 then remember_rating(ctx, c, is_bad) end
    if is_bad then
      alert(ctx, 'bad_rating', c, c.group, ',"agent":' .. json(c.agent) .. ',"score":' .. whole(score))
    end
  end
  save_conversation(ctx, c)
end)

end
