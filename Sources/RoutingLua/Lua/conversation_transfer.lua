-- conversation_transfer: handed on to an agent or a group; a supervisor's assignment from the queue too. And
-- conversation_accept: an agent takes one from the queue itself.
--
-- words: conversation, kind (agent | group), target, by, note ('' for none)
-- leaves: with the target agent if it is online, even above its capacity; else, and for a group, with the
--   best agent who has room, or in the queue at its old place. The agent who gave it away is excluded
--   from getting it back for `dedicated.wait`.

local move_to_group, move_by_rule
do

-- What belongs to the queue that a conversation leaves for another.
local OF_QUEUE = {'only', 'only_reason', 'only_until', 'offered', 'steps', 'relaxed', 'parked_at'}
local function forget_queue(c)
  for i = 1, #OF_QUEUE do set(c, OF_QUEUE[i], nil) end
end

-- A conversation that leaves its place or its agent for the group: best agent or queue. Checks are done, `agent` is picked.
function move_to_group(ctx, c, group, agent, old, reason)
  leave_queue(ctx, c)
  if old then
    release(ctx, c, old)
    note(ctx, c, 'transferred', c.group, old.id)
  end
  forget_queue(c)
  set(c, 'group', group.id)
  explain(ctx, c, 'group=' .. group.id .. ' step=' .. reason .. (agent and ' agent=' .. agent.id or ''))
  if agent then
    assign(ctx, c, agent, reason)
    save_agent(ctx, agent)
  else
    set(c, 'manual', held_back(group, c.id) and '1' or nil)
    if old then
      set(c, 'excluded', old.id)
      set(c, 'excluded_until', whole(ctx.t + ctx.config.dedicated_wait))
    end
    enqueue(ctx, c, group)
  end
  if old then fill(ctx, old) end
end

-- Who waits moves by what a rule says of a later text, and wants a person as after a handoff: refusal.
function move_by_rule(ctx, c, group_id, level, mode, args, at)
  if mode ~= 'human-only' then mode = 'human-first' end
  local group, refusal = home_group(ctx, group_id)
  if refusal then return refusal end
  -- Its place is still the old one; who would have it is looked for as it shall be.
  local moved = {}
  for name, value in pairs(c) do moved[name] = value end
  moved.changed = {}
  take_route(ctx, moved, group.id, level, mode, args, at)
  forget_queue(moved)
  local agent
  if not held_back(group, c.id) then agent, refusal = pick(ctx, moved, group.id) end
  if refusal then return refusal end

  leave_queue(ctx, c)
  forget_queue(c)
  set(c, 'promoted', nil)
  local rule, continued = c.rule, c.continued
  take_route(ctx, c, group.id, level, mode, args, at)
  note_rules(ctx, c, rule, continued)
  forget_texts(ctx, c)
  set(c, 'sign_at', ctx.now)
  explain(ctx, c, 'group=' .. group.id .. ' step=rule' .. (agent and ' agent=' .. agent.id or '') .. ' rule=' .. c.rule)
  if agent then
    assign(ctx, c, agent, 'queue')
    save_agent(ctx, agent)
  else
    set(c, 'manual', held_back(group, c.id) and '1' or nil)
    enqueue(ctx, c, group)
  end
end

local function transfer_to_agent(ctx, c, target, old, by)
  local reason = (c.state == 'waiting' and by == 'supervisor') and 'manual' or 'transfer'
  leave_queue(ctx, c)
  if old then
    release(ctx, c, old)
    note(ctx, c, 'transferred', c.group, old.id)
  end
  if not serves(target, c.group) and target.groups[1] then set(c, 'group', target.groups[1].id) end
  explain(ctx, c, 'group=' .. c.group .. ' step=' .. reason .. ' agent=' .. target.id)
  assign(ctx, c, target, reason)
  if old and old.gateway ~= target.gateway then
    emit(ctx, old.gateway, 'conversation.assigned', head(c, 'agent') .. assigned_fields(c))
  end
  save_agent(ctx, target)
  if old then fill(ctx, old) end
end

step('conversation_transfer', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  if c.state == 'closed' then return nil end
  local kind, target_id, by = args[at + 2], args[at + 3], args[at + 4]
  local old, agent
  old, refusal = read_holder(ctx, c)
  if refusal then return refusal end
  local group
  if args[at + 5] ~= '' then set(c, 'note', args[at + 5]) end
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
    refusal = check_group(ctx, group, target_id)
    if refusal then return refusal end
  end
  if not held_back(group, c.id) then
    -- Who gives it away is not looked at; whoever else gave it away before may have it.
    local excluded = c.excluded
    if old then c.excluded = old.id end
    agent, refusal = pick_to_move(ctx, c, group.id)
    c.excluded = excluded
    if refusal then return refusal end
  end

  move_to_group(ctx, c, group, agent, old, 'transfer')
end)

-- conversation_accept: an agent takes a waiting conversation itself, above its capacity too.
--
-- words: conversation, agent
step('conversation_accept', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  if c.state == 'closed' or c.state == 'active' then return nil end
  if c.state == 'bot' then return 'rejected conversation ' .. c.id .. ' is with the assistant; transfer it' end
  local agent = read_agent(ctx, args[at + 2])
  if not agent or agent.status == 'offline' then
    return 'rejected agent ' .. args[at + 2] .. ' is not online'
  end
  if agent.version ~= ctx.version then return 'behind agent ' .. agent.id end
  local group = serves(agent, c.group) and c.group or nil
  for id in gmatch(c.offered or '', '%S+') do
    if not group and serves(agent, id) then group = id end
  end
  if not group then return 'rejected agent ' .. agent.id .. ' does not serve the group ' .. c.group end

  leave_queue(ctx, c)
  explain(ctx, c, 'group=' .. group .. ' step=manual agent=' .. agent.id)
  if group ~= c.group then note(ctx, c, 'overflowed', group) end
  set(c, 'group', group)
  assign(ctx, c, agent, 'manual')
  save_agent(ctx, agent)
end)

end
