-- conversation_close: the end of a reception. The freed slot takes the best waiting conversation over all
-- groups of the agent, in this same step.
--
-- args: common, conversation, by (agent | customer | supervisor | bot)
-- leaves: the record closed, kept for the retention time; who waits and closes by itself has abandoned.

-- Ends an open conversation, wherever it is. `agent` is its holder, already read, or nil.
local function close_conversation(ctx, c, by, reason, agent)
  leave_queue(ctx, c)
  if agent then release(ctx, c, agent) end
  finish(ctx, c, by, reason, agent)
  if agent then fill(ctx, agent) end
end

-- The holder of an active conversation, under the configuration in force: agent | nil, refusal.
local function read_holder(ctx, c)
  if c.state ~= 'active' then return nil end
  local agent = read_agent(ctx, c.agent)
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. c.agent end
  return agent
end

local conversation_close = commit(function(ctx, args)
  local refusal = check_version(ctx)
  if refusal then return refusal end
  local c = read_conversation(ctx, args[COMMON + 1])
  if not c then return 'rejected conversation ' .. args[COMMON + 1] .. ' is not known' end
  if c.state == 'closed' then return nil end
  local by = args[COMMON + 2]
  local reason = by
  if by == 'customer' and c.state == 'waiting' then reason = 'abandoned' end
  local agent
  agent, refusal = read_holder(ctx, c)
  if refusal then return refusal end

  close_conversation(ctx, c, by, reason, agent)
end)
