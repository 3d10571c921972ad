-- conversation: the record of a conversation, and what its two sides are told of it.

local read_conversation, save_conversation, head, reply, alert, span, fill_in, tell_bot, assigned_fields,
  closed_fields, arm, explain
do

function read_conversation(ctx, id)
  local c = hash(K.conversation(ctx.p, id))
  if not c then return nil end
  c.id, c.changed, c.level, c.first_level = id, {}, tonumber(c.level), tonumber(c.first_level)
  return c
end

function save_conversation(ctx, c) save(K.conversation(ctx.p, c.id), c) end

function head(c, to)
  return ',"conversation":' .. json(c.id) .. ',"customer":' .. json(c.customer) .. ',"to":"' .. to .. '"'
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

-- Adds a line to the record of decisions, of which the last WHY_LIMIT stay.
local WHY_LIMIT = 8
function explain(ctx, c, line)
  local text = ctx.now .. ' v=' .. ctx.config.version .. ' ' .. line
  if c.why then
    local lines = {}
    for old in gmatch(c.why, '[^\n]+') do lines[#lines + 1] = old end
    text = table.concat(lines, '\n', max(1, #lines - WHY_LIMIT + 2)) .. '\n' .. text
  end
  set(c, 'why', text)
end

end
