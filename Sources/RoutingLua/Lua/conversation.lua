-- conversation: the record of a conversation, and what its two sides are told of it.

local read_conversation, save_conversation, head, reply, alert, span, fill_in, tell_bot, assigned_fields,
  closed_fields, arm, cut, explain
do

function read_conversation(ctx, id)
  local c = hash(K.conversation(ctx.p, id))
  if not c then return nil end
  c.id, c.changed, c.level, c.first_level = id, {}, tonumber(c.level), tonumber(c.first_level)
  return c
end

-- What every new record has. Set last, so that what is read most comes first; see `save`.
local OPENED = {'customer', 'gateway', 'group', 'level', 'first_level', 'mode', 'opened_at', 'queued_at', 'asked_at'}

function save_conversation(ctx, c)
  if c.unsaved then
    for i = 1, #OPENED do mark(c, OPENED[i]) end
    c.unsaved = nil
  end
  save(K.conversation(ctx.p, c.id), c)
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

-- Adds a decision to the record's, of which the last WHY_LIMIT stay. They lie in fields `why1`, `why2` …, each cut at a
-- space that begins the next one: Redis keeps a hash in one compact piece only while all its values are short
-- (`hash-max-listpack-value`, 64 unless set otherwise).
local WHY_LIMIT, WHY_BYTES = 8, 64

function cut(text)
  local pieces = {}
  while #text > WHY_BYTES do
    local at = find(sub(text, 2, WHY_BYTES + 1), ' [^ ]*$')
    at = at and at + 1 or find(text, ' ', WHY_BYTES + 1, true)
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
  local pieces = cut(ctx.now .. ' v=' .. ctx.config.version .. ' ' .. line)
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
