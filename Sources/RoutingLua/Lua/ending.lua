-- ending: how a conversation ends, and what stays of it.

local OF_OPEN, finish, close_conversation, read_holder
do

-- What an open conversation keeps beside what belongs to its wait.
OF_OPEN = {'units', 'slow', 'unanswered_since', 'response_alert', 'greeted', 'avoid', 'overflow', 'prefer',
  'skills', 'weight', 'channel', 'category', 'params', 'asked_for', 'note', 'first_level', 'queued_at', 'asked_at', 'mode'}

-- What an end leaves in the customer's record, by which a returning customer is known. A forgotten customer stays so.
local function remember(ctx, c, agent)
  local key = K.customer(ctx.p, c.customer)
  if call('PEXPIRE', key, ctx.config.customer_retention) == 0 then return end
  if agent then
    call('HSET', key, 'last_end', ctx.now, 'last_agent', agent.id, 'last_group', c.group)
  else
    call('HSET', key, 'last_end', ctx.now)
  end
end

-- Ends the conversation; its record stays for the retention time. Its place must have been left.
function finish(ctx, c, by, reason, agent)
  note(ctx, c, 'closed', c.group, agent and agent.id)
  note(ctx, c, 'closed_' .. reason, c.group, agent and agent.id)
  if reason == 'abandoned' then note(ctx, c, 'abandoned', c.group, nil, tonumber(waited(ctx, c))) end
  if reason == 'rejected' then note(ctx, c, 'rejected', c.group) end
  if agent then note(ctx, c, 'handled', c.group, agent.id, max(0, ctx.t - tonumber(c.assigned_at))) end
  forget_texts(ctx, c)
  clear(c, OF_WAITING)
  clear(c, OF_OPEN)
  set(c, 'state', 'closed')
  set(c, 'closed_at', ctx.now)
  set(c, 'closed_by', by)
  set(c, 'close_reason', reason)
  save_conversation(ctx, c)
  call('PEXPIRE', K.conversation(ctx.p, c.id), whole(max(tonumber(ctx.config.retention), ctx.config.survey_window or 0)))
  remember(ctx, c, agent)
  local fields = closed_fields(c)
  emit(ctx, c.gateway, 'conversation.closed', head(c, 'customer') .. fields)
  if agent then
    emit(ctx, agent.gateway, 'conversation.closed', head(c, 'agent') .. fields)
    if ctx.config.survey_window then reply(ctx, c, 'survey', read_text(ctx, 'survey')) end
  end
end

-- Ends an open conversation, wherever it is, and gives a freed slot to who waits. `agent` is its holder, already read,
-- or nil.
function close_conversation(ctx, c, by, reason, agent)
  leave_queue(ctx, c)
  if agent then
    local group = read_group(ctx, c.group)
    release(ctx, c, agent, group and group.wrap_up > 0 and ctx.t + group.wrap_up or nil)
    if group then measure(ctx, group, max(0, ctx.t - tonumber(c.assigned_at))) end
  end
  finish(ctx, c, by, reason, agent)
  if agent then fill(ctx, agent) end
end

-- The holder of an active conversation, under the configuration in force: agent | nil, refusal.
function read_holder(ctx, c)
  if c.state ~= 'active' then return nil end
  local agent = read_agent(ctx, c.agent)
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. c.agent end
  return agent
end

end
