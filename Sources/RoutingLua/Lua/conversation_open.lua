-- conversation_open: a customer asks for somebody. Assigns, queues, or hands to the assistant.
--
-- args: common, conversation, customer, gateway, group, level, mode, revision ('' when the customer is not
--   stored), then the customer's fields to store (name, value …)
-- replies: see commit.lua; 'moved' when the customer's record is not of `revision` any more
-- leaves: the conversation in exactly one place. One that is open already only repeats its status.

-- Where a person can be had, if one is wanted: place, agent | nil, nil, refusal.
local function open_place(ctx, c, group)
  if c.mode == 'bot-first' or c.mode == 'bot-only' then return 'bot' end
  local agent, refusal = pick(ctx, group.id)
  if refusal then return nil, nil, refusal end
  if agent then return 'agent', agent end
  if queue_takes(ctx, group) then return 'queue' end
  return c.mode == 'human-only' and 'rejected' or 'bot'
end

local function perform_place(ctx, c, place, agent, group, reason)
  if place == 'agent' then
    assign(ctx, c, agent, reason)
    save_agent(ctx, agent)
  elseif place == 'queue' then
    c.queued_at = queue_time(ctx, c)
    enqueue(ctx, c, group)
  elseif place == 'bot' then
    give_to_bot(ctx, c)
  else
    finish(ctx, c, 'system', 'rejected')
  end
end

local conversation_open = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local id, customer, gateway, group_id = args[COMMON + 1], args[COMMON + 2], args[COMMON + 3], args[COMMON + 4]
  local known = read_conversation(ctx, id)
  if known and known.state ~= 'closed' then
    if known.customer ~= customer then return 'rejected conversation ' .. id .. ' is open for another customer' end
    if known.gateway ~= gateway then
      call('HSET', K.conversation(ctx.p, id), 'gateway', gateway)
      known.gateway = gateway
    end
    tell_status(ctx, known)
    return nil
  end
  local customer_key = K.customer(ctx.p, customer)
  local revision = call('HGET', customer_key, 'revision') or ''
  if revision ~= args[COMMON + 7] then return 'moved' end
  local c = {
    id = id, customer = customer, gateway = gateway, group = group_id, level = tonumber(args[COMMON + 5]),
    mode = args[COMMON + 6], opened_at = ctx.now, queued_at = ctx.now,
  }
  local group = read_group(ctx, group_id)
  if not group or group.version ~= ctx.version then return 'behind group ' .. group_id end
  local place, agent
  place, agent, refusal = open_place(ctx, c, group)
  if refusal then return refusal end

  if known then call('DEL', K.conversation(ctx.p, id)) end
  if #args > COMMON + 7 then
    call('HSET', customer_key, 'revision', whole((tonumber(revision) or 0) + 1), unpack(args, COMMON + 8))
  end
  if revision ~= '' or #args > COMMON + 7 then call('PEXPIRE', customer_key, ctx.config.customer_retention) end
  perform_place(ctx, c, place, agent, group, 'group')
end)

-- conversation_handoff: from the assistant to a person (转人工).
--
-- args: common, conversation
-- leaves: with an agent or in the queue; still with the assistant where no person can be had. The wait
--   counts from now, not from the opening.
local conversation_handoff = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[COMMON + 1])
  if not c then return 'rejected conversation ' .. args[COMMON + 1] .. ' is not known' end
  if c.state ~= 'bot' then return nil end
  if c.mode == 'bot-only' then
    tell_bot(ctx, c)
    return nil
  end
  local group, place, agent
  group, refusal = home_group(ctx, c.group)
  if refusal then return refusal end
  c.mode = 'human-first'
  place, agent, refusal = open_place(ctx, c, group)
  if refusal then return refusal end

  if place == 'bot' then
    tell_bot(ctx, c)
    return nil
  end
  c.group, c.queued_at = group.id, ctx.now
  perform_place(ctx, c, place, agent, group, 'group')
end)
