-- conversation_open: a customer asks for somebody. Assigns, queues, or hands to the assistant.
--
-- words: conversation, customer, gateway, group, level, mode, revision ('' when the customer is not
--   stored), text, faq (what the assistant would answer, '' for nothing), heeded ('1' if the text is kept while it waits: the
--   rules or the assistant may look at it again), count of fields of the conversation, those fields (name, value …: rule
--   tags skills weight prefer overflow arms requested dedicated channel category params asked_for; `asks`, not stored: the
--   text asks for a person), then the customer's fields to store (name, value …)
-- replies: see commit.lua; 'moved' when the customer's record is not of `revision` any more
-- leaves: the conversation in exactly one place. One that is open already only repeats its status.

local give_sign, pick_again, assign_waiting, reason_for, repeat_status
do

-- Lets a waiting conversation be heard of: its sign of life, and its place again if it was parked.
function give_sign(ctx, c)
  if c.state ~= 'waiting' then return end
  local group = read_group(ctx, c.group)
  if not group or group.silent_after == 0 and not c.parked_at then return end
  set(c, 'sign_at', ctx.now)
  if not c.parked_at then return end
  call('ZREM', K.parked(ctx.p, c.group), c.id)
  set(c, 'parked_at', nil)
  take_place(ctx, c, group)
  arm_notify(ctx, group)
  arm_wait(ctx, c, group)
end

-- Whether somebody has room for a conversation that takes its place again: agent | nil, refusal, group.
function pick_again(ctx, c)
  if c.state ~= 'waiting' or not c.parked_at then return nil end
  return pick_anywhere(ctx, c)
end

-- Its turn has come: the agent has it, or it is parked if nothing was heard from it for too long.
function assign_waiting(ctx, c, agent, group, reason)
  local home = read_group(ctx, c.group)
  if is_silent(ctx, c, home) then return park(ctx, c, home) end
  leave_queue(ctx, c)
  explain(ctx, c, 'group=' .. group .. ' step=' .. reason .. ' agent=' .. agent.id)
  set(c, 'group', group)
  assign(ctx, c, agent, reason)
  save_agent(ctx, agent)
end

function reason_for(c, group) return c.only_reason or (group == c.group and 'queue' or 'overflow') end

-- Repeats the status of an open conversation, which is a sign of life: refusal.
function repeat_status(ctx, c)
  local agent, refusal, group = pick_again(ctx, c)
  if refusal then return refusal end
  give_sign(ctx, c)
  if agent then
    assign_waiting(ctx, c, agent, group, reason_for(c, group))
    return
  end
  tell_status(ctx, c)
  save_conversation(ctx, c)
end

-- The customer's record of one that comes: what is new of it, and that it came. A new one has no term before the first
-- conversation's end.
local function save_customer(ctx, key, revision, args, from, last)
  if from <= last then
    call('HSET', key, 'revision', whole((tonumber(revision) or 0) + 1), unpack(args, from, last))
  elseif revision == '' then
    call('HSET', key, 'revision', '1')
  end
  if revision ~= '' then call('PEXPIRE', key, ctx.config.customer_retention) end
end

step('conversation_open', function(ctx, args, at, last)
  local id, customer_id, gateway, group_id = args[at + 1], args[at + 2], args[at + 3], args[at + 4]
  local customer_key = K.customer(ctx.p, customer_id)
  -- Who comes for the first time has no record, nor has the conversation: one look for both.
  local is_new = args[at + 7] == '' and call('EXISTS', K.conversation(ctx.p, id), customer_key) == 0
  local known = not is_new and read_conversation(ctx, id) or nil
  if known and known.state ~= 'closed' then
    if check_version(ctx) then return 'stale' end
    if known.customer ~= customer_id then return 'rejected conversation ' .. id .. ' is open for another customer' end
    if known.gateway ~= gateway then set(known, 'gateway', gateway) end
    return repeat_status(ctx, known)
  end
  local done, ready
  if SHORTCUTS and not known then
    done, ready = open_shortcut(ctx, args, at, last, customer_key, is_new)
    if done then return nil end
  end
  local customer = not is_new and hash(customer_key) or {}
  local revision = customer.revision or ''
  if revision ~= args[at + 7] then return 'moved' end
  local group = read_group(ctx, group_id)
  local refusal = take_settings(ctx, group) or check_group(ctx, group, group_id)
  if refusal then return refusal end
  local c = {
    id = id, changed = {}, unsaved = true, customer = customer_id, gateway = gateway, group = group_id, level = tonumber(args[at + 5]),
    mode = args[at + 6], opened_at = ctx.now, queued_at = ctx.now, asked_at = ctx.now,
  }
  c.first_level, c.kept = c.level, {}
  local asks
  local fields = tonumber(args[at + 11])
  for i = at + 12, at + 11 + fields, 2 do
    if args[i] == 'asks' then
      asks = true
    else
      set(c, args[i], args[i + 1])
    end
  end
  if customer.avoid then set(c, 'avoid', customer.avoid) end
  local opening = {text = args[at + 8], faq = args[at + 9], heeded = args[at + 10] == '1'}
  if group.emergency then
    if group.plan_group and group.plan_group ~= group_id then
      group_id = group.plan_group
      group = read_group(ctx, group_id)
      refusal = check_group(ctx, group, group_id)
      if refusal then return refusal end
      c.group = group_id
    end
    if group.plan_mode then c.mode = group.plan_mode end
  end
  if asks and c.mode == 'bot-first' then c.mode = 'human-first' end
  local plan
  if c.mode == 'human-first' or c.mode == 'human-only' then
    plan, refusal = seek(ctx, c, group, customer, 1, ready)
    if refusal then return refusal end
  end

  if known then call('DEL', K.conversation(ctx.p, id)) end
  save_customer(ctx, customer_key, revision, args, at + 12 + fields, last)
  note(ctx, c, 'opened', c.group)
  if customer.last_end and ctx.t - tonumber(customer.last_end) <= DAY then note(ctx, c, 'repeat', c.group) end
  note_rules(ctx, c)
  if group.emergency then reply(ctx, c, 'emergency', group.emergency_notice or group.plan_notice or '') end
  if plan then
    perform(ctx, c, plan, opening)
  else
    explain(ctx, c, 'group=' .. c.group .. ' step=assistant' .. (c.rule and ' rule=' .. c.rule or ''))
    give_to_bot(ctx, c, opening)
  end
end)

end
