-- assistant: conversations that the assistant has. What it answers was found in Swift; here it is said and counted.

local gather, pass_on, give_to_bot, perform
do

local TEXTS_LIMIT = 20 -- texts of a customer that are kept for the rules

local function arm_idle(ctx, c, timeout, since)
  set(c, 'idle_armed', '1')
  arm(ctx, 'idle', c.id, since + timeout)
end

-- Keeps a text of the customer for the rules; of the older ones the first `drop` go (the bound in bytes). The first one stands
-- in the record (`said`) if it is short, since there often is no second. `heard` counts the others, which lie in a list, and
-- the first when it has gone: both together tell who decides whether anything was said meanwhile (`heard_in_all`).
function gather(ctx, c, text, drop)
  if text == '' then return end
  if not c.heard and not c.said and #text <= SHORT then
    set(c, 'said', text)
    return
  end
  local key = K.conversation_texts(ctx.p, c.id)
  local gone, heard = max(drop, call('RPUSH', key, text) + (c.said and 1 or 0) - TEXTS_LIMIT), (tonumber(c.heard) or 0) + 1
  if gone > 0 and c.said then
    set(c, 'said', nil)
    gone, heard = gone - 1, heard + 1
  end
  if gone > 0 then call('LTRIM', key, gone, -1) end
  set(c, 'heard', whole(heard))
end

-- Passes a text of the customer on to the outside bot.
function pass_on(ctx, c, gateway, text)
  if text == '' then return end
  emit(ctx, gateway, 'conversation.reply', head(c, 'agent') .. ',"kind":"message","text":' .. cjson.encode(text))
end

-- What the assistant's conversation keeps of a waiting one: whom the customer wants is looked for at the handoff.
local KEPT = {category = true, params = true, requested = true, dedicated = true}

-- Hands the conversation to the assistant. `opening`: {text, faq, drop} of a new one.
function give_to_bot(ctx, c, opening)
  local texts = call('HMGET', K.config(ctx.p), 'bot_gateway', 'text:assistant')
  for i = 1, #OF_WAITING do
    local name = OF_WAITING[i]
    if not KEPT[name] then set(c, name, nil) end
  end
  set(c, 'state', 'bot')
  set(c, 'spoke_at', ctx.now)
  if c.agent then
    set(c, 'agent', nil)
    set(c, 'units', nil)
  end
  local group = read_group(ctx, c.group)
  if group and group.idle_timeout > 0 then arm_idle(ctx, c, group.idle_timeout, ctx.t) end
  tell_bot(ctx, c)
  local text = opening and opening.text or ''
  if texts[1] then
    emit(ctx, texts[1], 'conversation.bot', head(c, 'agent') .. ',"group":' .. json(c.group))
    pass_on(ctx, c, texts[1], text)
  else
    reply(ctx, c, 'greeting', texts[2] or '')
    if opening and opening.faq ~= '' then
      note(ctx, c, 'faq', c.group)
      reply(ctx, c, 'faq', opening.faq)
    end
  end
  gather(ctx, c, text, 0)
  save_conversation(ctx, c)
end

-- Writes the plan that `seek` made. `opening` as in `give_to_bot`; nil for a conversation that is open already.
function perform(ctx, c, plan, opening)
  if plan.no_agents then alert_group(ctx, 'no_agents', c, plan.home) end
  if plan.queue_full then alert_group(ctx, 'queue_full', c, plan.home) end
  explain(ctx, c, plan_line(c, plan))
  local text = plan.text and read_text(ctx, plan.text) or ''
  local kind = plan.kind or 'busy'
  if plan.place == 'agent' or plan.place == 'queue' then
    leave_queue(ctx, c)
    set(c, 'group', plan.group.id)
    if plan.place == 'agent' then
      assign(ctx, c, plan.agent, plan.reason)
      save_agent(ctx, plan.agent)
      return
    end
    if plan.overflowed then note(ctx, c, 'overflowed', plan.group.id) end
    -- A group that took over distributes automatically.
    set(c, 'manual', plan.manual and not plan.overflowed and '1' or nil)
    set(c, 'only', plan.only)
    set(c, 'only_reason', plan.only_reason)
    set(c, 'only_until', plan.only and whole(ctx.t + ctx.config.dedicated_wait) or nil)
    if c.state ~= 'waiting' then set(c, 'queued_at', queue_time(ctx, c, plan.group)) end
    if opening and opening.heeded then gather(ctx, c, opening.text, 0) end
    enqueue(ctx, c, plan.group)
  elseif c.state == 'bot' then
    -- Nobody can be had: it stays where it is.
    tell_bot(ctx, c)
    reply(ctx, c, kind, text)
    set(c, 'misses', nil)
    save_conversation(ctx, c)
  elseif plan.place == 'bot' then
    if plan.kind then reply(ctx, c, kind, text) end
    leave_queue(ctx, c)
    set(c, 'mode', 'human-first')
    give_to_bot(ctx, c, opening)
  else
    reply(ctx, c, kind, text)
    leave_queue(ctx, c)
    finish(ctx, c, 'system', 'rejected')
  end
end

end
