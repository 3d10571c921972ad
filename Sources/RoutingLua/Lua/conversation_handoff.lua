-- conversation_handoff: from the assistant to a person (转人工), by the event, a handoff word or too many misses.
--
-- words: conversation, customer texts heard when it was decided, group, level, mode, count of fields, fields of the
--   conversation that the rules gave now (name, value …)
-- leaves: with an agent or in the queue; still with the assistant where no person can be had. The wait
--   counts from now, not from the opening.

local take_route, hand_off
do

local OF_RULES = {'rule', 'continued', 'tags', 'skills', 'weight', 'prefer', 'overflow', 'arms'}

-- Takes over what the rules found over all that was heard.
function take_route(ctx, c, group_id, level, mode, args, at)
  for i = 1, #OF_RULES do set(c, OF_RULES[i], nil) end
  set(c, 'group', group_id)
  if c.level ~= level then set(c, 'level', level) end
  if c.first_level ~= level then set(c, 'first_level', level) end
  set(c, 'mode', mode)
  local fields = tonumber(args[at])
  for i = at + 1, at + fields, 2 do set(c, args[i], args[i + 1]) end
end

-- Checks done, `c` is the assistant's: looks for a person: refusal. `before` writes what comes before that.
function hand_off(ctx, c, group_id, level, mode, args, at, before)
  local group, refusal = home_group(ctx, group_id)
  if refusal then return refusal end
  local rule, continued = c.rule, c.continued
  take_route(ctx, c, group.id, level, mode, args, at)
  local customer = read_customer(ctx, c.customer)
  local plan
  plan, refusal = seek(ctx, c, group, customer, 1)
  if refusal then return refusal end

  if before then before() end
  note(ctx, c, 'handed_off', c.group)
  note_rules(ctx, c, rule, continued)
  set(c, 'asked_at', ctx.now)
  set(c, 'queued_at', ctx.now)
  perform(ctx, c, plan)
end

step('conversation_handoff', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  if c.state ~= 'bot' then return nil end
  if c.mode == 'bot-only' then
    tell_bot(ctx, c)
    return nil
  end
  if whole(c.heard_in_all) ~= args[at + 2] then return 'moved' end
  return hand_off(ctx, c, args[at + 3], tonumber(args[at + 4]), args[at + 5], args, at + 6)
end)

end
