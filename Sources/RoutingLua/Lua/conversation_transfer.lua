-- conversation_transfer: handed on to an agent or a group; a supervisor's assignment from the queue too.
--
-- args: common, conversation, kind (agent | group), target, by
-- leaves: with the target agent if it is online, even above its capacity; else, and for a group, with the
--   best agent who has room, or in the queue at its old place. The agent who gave it away is excluded
--   from getting it back for `dedicated.wait`.

-- Whoever gave the conversation away does not get it back for `dedicated.wait`, wherever it moves meanwhile.
local function exclude(ctx, c, agent)
  c.excluded = agent.id
  call('HSET', K.conversation(ctx.p, c.id), 'excluded', agent.id)
  call('ZADD', K.due(ctx.b), whole(ctx.t + ctx.config.dedicated_wait), 'exclusion:' .. ctx.shop .. ':' .. c.id)
end

-- A conversation that leaves `old` for the group: best agent or queue. Checks are done, `agent` is picked.
local function move_to_group(ctx, c, group, agent, old, reason)
  leave_queue(ctx, c)
  if old then release(ctx, c, old) end
  c.group = group.id
  if agent then
    assign(ctx, c, agent, reason)
    save_agent(ctx, agent)
  else
    if old then exclude(ctx, c, old) end
    enqueue(ctx, c, group)
  end
  if old then fill(ctx, old) end
end

local function transfer_to_agent(ctx, c, target, old, by)
  local reason = (c.state == 'waiting' and by == 'supervisor') and 'manual' or 'transfer'
  leave_queue(ctx, c)
  if old then release(ctx, c, old) end
  if not serves(target, c.group) and target.groups[1] then c.group = target.groups[1].id end
  assign(ctx, c, target, reason)
  if old and old.gateway ~= target.gateway then
    emit(ctx, old.gateway, 'conversation.assigned', head(c, 'agent') .. assigned_fields(c))
  end
  save_agent(ctx, target)
  if old then fill(ctx, old) end
end

local conversation_transfer = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[COMMON + 1])
  if not c then return 'rejected conversation ' .. args[COMMON + 1] .. ' is not known' end
  if c.state == 'closed' then return nil end
  local kind, target_id, by = args[COMMON + 2], args[COMMON + 3], args[COMMON + 4]
  local old, agent
  old, refusal = read_holder(ctx, c)
  if refusal then return refusal end
  local group
  if kind == 'agent' then
    if old and old.id == target_id then return nil end
    local target = read_agent(ctx, target_id)
    if target and target.status == 'online' then
      if target.version ~= ctx.version then return 'behind agent ' .. target_id end
      transfer_to_agent(ctx, c, target, old, by)
      return nil
    end
    if c.state == 'waiting' then return nil end
    group, refusal = home_group(ctx, c.group)
    if refusal then return refusal end
  else
    if c.state == 'waiting' and c.group == target_id then return nil end
    group = read_group(ctx, target_id)
    if not group or group.version ~= ctx.version then return 'behind group ' .. target_id end
  end
  agent, refusal = pick(ctx, group.id, old and old.id or c.excluded)
  if refusal then return refusal end

  move_to_group(ctx, c, group, agent, old, 'transfer')
end)
