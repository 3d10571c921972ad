-- conversation_talk: what is said, and said about it. conversation_message, conversation_status, conversation_rate.

-- conversation_message: somebody spoke. Only moves clocks: the cheapest and most frequent commit.
--
-- args: common, conversation, from (customer | agent | bot), agent ('' when not said)
-- leaves: `spoke`, `spoke_at`. The idle timer is armed by the agent's first word and looks at them when it
--   fires; a later word costs no timer.

local conversation_message = commit(function(ctx, args)
  local id, from, agent = args[COMMON + 1], args[COMMON + 2], args[COMMON + 3]
  local key = K.conversation(ctx.p, id)
  local c = call('HMGET', key, 'state', 'agent', 'group', 'idle_armed')
  if not c[1] then return 'rejected conversation ' .. id .. ' is not known' end
  if c[1] == 'closed' then return nil end
  -- A late word of an agent who has handed the conversation on is not the present agent's.
  if from == 'agent' and (c[1] ~= 'active' or (agent ~= '' and agent ~= c[2])) then return nil end
  if from == 'bot' and c[1] ~= 'bot' then return nil end
  local timeout = 0
  if from == 'agent' and not c[4] then
    timeout = tonumber(call('HGET', K.group(ctx.p, c[3]), 'idle_timeout')) or 0
  end

  if timeout > 0 then
    call('HSET', key, 'spoke', from, 'spoke_at', ctx.now, 'idle_armed', '1')
    arm_idle(ctx, {id = id}, timeout, ctx.t)
  else
    call('HSET', key, 'spoke', from, 'spoke_at', ctx.now)
  end
end)

-- conversation_status: repeats the present status to the customer's gateway (排队刷新).
--
-- args: common, conversation
local conversation_status = commit(function(ctx, args)
  local c = read_conversation(ctx, args[COMMON + 1])
  if not c then return 'rejected conversation ' .. args[COMMON + 1] .. ' is not known' end
  tell_status(ctx, c)
end)

-- conversation_rate: satisfaction, stored with the conversation; a later rating replaces it.
--
-- args: common, conversation, score, comment ('' for none)
local conversation_rate = commit(function(ctx, args)
  local key = K.conversation(ctx.p, args[COMMON + 1])
  if call('EXISTS', key) == 0 then return 'rejected conversation ' .. args[COMMON + 1] .. ' is not known' end
  call('HSET', key, 'score', args[COMMON + 2], 'rated_at', ctx.now)
  if args[COMMON + 3] ~= '' then call('HSET', key, 'comment', args[COMMON + 3]) end
end)
