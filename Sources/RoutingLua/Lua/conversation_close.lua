-- conversation_close: the end of a reception. The freed slot takes the best waiting conversation over all
-- groups of the agent, in this same step.
--
-- words: conversation, by (agent | customer | supervisor | bot)
-- leaves: the record closed, kept for the retention time; who waits and closes by itself has abandoned.

do

step('conversation_close', function(ctx, args, at)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  if SHORTCUTS and close_shortcut(ctx, args[at + 1], args[at + 2]) then return nil end
  local c = read_conversation(ctx, args[at + 1])
  if not c then return 'rejected conversation ' .. args[at + 1] .. ' is not known' end
  if c.state == 'closed' then return nil end
  local by = args[at + 2]
  local reason = by
  if by == 'customer' and c.state == 'waiting' then reason = 'abandoned' end
  local agent
  agent, refusal = read_holder(ctx, c)
  if refusal then return refusal end

  close_conversation(ctx, c, by, reason, agent)
end)

end
