-- conversation: the record of a conversation, and what its two sides are told of it.
--
-- A record leaves out what its other fields say already (`implied`), since there are many records: of one that an agent got
-- at once all times but `opened_at`. Within functions it is whole.

local implied, read_conversation, save_conversation, forget_texts, head, reply, alert, span, fill_in, tell_bot, assigned_fields,
  closed_fields, arm, cut, explain
do

local IMPLIED = {'mode', 'first_level', 'queued_at', 'asked_at', 'waiting_since', 'assigned_at', 'waited_ms', 'greeted',
  'close_reason'}

-- What a field that is not there means.
function implied(c, name)
  if name == 'mode' then return 'human-first' end
  if name == 'first_level' then return c.level end
  if name == 'queued_at' or name == 'asked_at' then return c.opened_at end
  if name == 'waiting_since' then return c.state == 'waiting' and c.opened_at or nil end
  if name == 'assigned_at' then return c.agent and c.opened_at end
  if name == 'waited_ms' then return c.agent and '0' end
  if name == 'greeted' then return c.state == 'active' and '1' or nil end
  return c.state == 'closed' and c.closed_by or nil
end

function read_conversation(ctx, id)
  local c = hash(K.conversation(ctx.p, id))
  if not c then return nil end
  c.id, c.changed, c.level, c.first_level = id, {}, tonumber(c.level), tonumber(c.first_level)
  local kept = {}
  for i = 1, #IMPLIED do
    local name = IMPLIED[i]
    if c[name] == nil then
      c[name] = implied(c, name)
    else
      kept[name] = true
    end
  end
  c.kept = kept -- which of these the record has; never saved
  c.heard_in_all = (tonumber(c.heard) or 0) + (c.said and 1 or 0) -- never saved; it grows with every text that is kept
  return c
end

-- What every new record has. Set last, so that what is read most comes first; see `save`.
local OPENED = {'customer', 'gateway', 'group', 'level', 'opened_at'}

function save_conversation(ctx, c)
  if c.unsaved then
    for i = 1, #OPENED do mark(c, OPENED[i]) end
    c.unsaved = nil
  end
  local kept, omitted = c.kept, {}
  for i = 1, #IMPLIED do
    local name = IMPLIED[i]
    local value = c[name]
    if value ~= nil and value ~= implied(c, name) then
      if not kept[name] then mark(c, name) end
      kept[name] = true
    else
      omitted[name], c[name] = value, nil
      if kept[name] then
        mark(c, name)
        kept[name] = nil
      else
        c.changed[name] = nil
      end
    end
  end
  save(K.conversation(ctx.p, c.id), c)
  for name, value in pairs(omitted) do c[name] = value end
end

-- Nobody will look at what the customer said any more.
function forget_texts(ctx, c)
  set(c, 'said', nil)
  if not c.heard then return end
  call('DEL', K.conversation_texts(ctx.p, c.id))
  set(c, 'heard', nil)
end

function head(c, to)
  local both = c.both
  if not both then
    both = ',"conversation":' .. json(c.id) .. ',"customer":' .. json(c.customer) .. ',"to":"'
    c.both = both -- never saved
  end
  return both .. to .. '"'
end

-- An automatic text. Free text, unlike a name, has to be escaped.
function reply(ctx, c, kind, text)
  if text == '' then return end
  emit(ctx, c.gateway, 'conversation.reply', head(c, 'customer') .. ',"kind":"' .. kind .. '","text":'
    .. cjson.encode(text))
end

-- The supervisor learns of it.
function alert(ctx, kind, c, group_id, more)
  local fields = ',"kind":"' .. kind .. '"'
  if c then fields = fields .. ',"conversation":' .. json(c.id) .. ',"customer":' .. json(c.customer) end
  if group_id then fields = fields .. ',"group":' .. json(group_id) end
  emit(ctx, ctx.config.supervisor, 'alert', fields .. (more or ''))
end

-- A time for people, in the language of the text that it stands in: Chinese if that has a Chinese character.
function span(text, seconds)
  local chinese = find(text, '[\228-\233][\128-\191][\128-\191]')
  if seconds >= 60 then return whole(-floor(-seconds / 60)) .. (chinese and '分钟' or ' min') end
  return whole(seconds) .. (chinese and '秒' or ' s')
end

-- Puts a value into a text for customers. As a function, since a '%' in it would mean something to `gsub`.
function fill_in(text, name, value) return (string.gsub(text, '{' .. name .. '}', function() return value end)) end

function tell_bot(ctx, c)
  emit(ctx, c.gateway, 'conversation.bot', head(c, 'customer') .. ',"group":' .. json(c.group))
end

function assigned_fields(c)
  return ',"agent":' .. json(c.agent) .. ',"group":' .. json(c.group) .. ',"level":' .. whole(c.level) .. ',"reason":"'
    .. c.reason .. '","waited_ms":' .. c.waited_ms
end

function closed_fields(c) return ',"by":' .. json(c.closed_by) .. ',"reason":"' .. c.close_reason .. '"' end

function arm(ctx, kind, id, at) call('ZADD', K.due(ctx.b), whole(at), kind .. ':' .. ctx.shop .. ':' .. id) end

-- Adds a decision to the record's, of which the last WHY_LIMIT stay; without its time where that is `opened_at`. They lie in
-- short fields `why1`, `why2` …, each cut at a space that begins the next one.
local WHY_LIMIT = 8

function cut(text)
  local pieces = {}
  while #text > SHORT do
    local at = find(sub(text, 2, SHORT + 1), ' [^ ]*$')
    at = at and at + 1 or find(text, ' ', SHORT + 1, true)
    if not at then break end
    pieces[#pieces + 1] = sub(text, 1, at - 1)
    text = sub(text, at)
  end
  pieces[#pieces + 1] = text
  return pieces
end

local function goes_on(c, number)
  local field = c['why' .. number]
  return field and sub(field, 1, 1) == ' '
end

function explain(ctx, c, line)
  local time = ctx.now == c.opened_at and '' or ctx.now .. ' '
  local pieces = cut(time .. 'v=' .. ctx.config.version .. ' ' .. line)
  local fields, decisions, gone = 0, 0, 0
  while c['why' .. fields + 1] do
    fields = fields + 1
    if not goes_on(c, fields) then decisions = decisions + 1 end
  end
  if decisions >= WHY_LIMIT then
    gone = 1
    while goes_on(c, gone + 1) do gone = gone + 1 end
    for i = 1, fields - gone do set(c, 'why' .. i, c['why' .. i + gone]) end
  end
  local kept = fields - gone
  for i = 1, #pieces do set(c, 'why' .. kept + i, pieces[i]) end
  for i = kept + #pieces + 1, fields do set(c, 'why' .. i, nil) end
end

end
