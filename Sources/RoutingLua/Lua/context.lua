-- context: what a step carries from its checks to its writes, and what the steps of one call gather for its end.
--
-- Commands and facts are gathered while steps work and leave together at the end of the call, so that an outbox costs two
-- calls of Redis however many commands it gets.

local STEPS, new_context, context_of, gathering, emit, send_to, send_commands
do

local OUTBOX_LIMIT = 100000 -- commands kept for a gateway that does not take them; the oldest go first
local HELD_LIMIT = 200000 -- commands held back in a shard; workers pause long before

STEPS = {} -- what is done for an event, by name; see `commit.lua`

-- What the steps of one call leave for its end: commands (each gateway, kind, context, fields), facts (each an entry); and
-- the contexts of the shops.
function gathering(b) return {b = b, commands = {}, facts = {}, shops = {}} end

function new_context(gathered, shop, now, version)
  local b = gathered.b
  return {
    b = b, p = b .. shop .. ':', shop = shop, now = now, t = tonumber(now), version = version, gathered = gathered,
    facts = {}, groups = {}, texts = {}, tail = false,
  }
end

-- The context of a shop within a call: what was read of its configuration and its groups serves all events of the call.
-- What a step changes of them, it changes or forgets here too.
function context_of(gathered, shop, now, version)
  local ctx = gathered.shops[shop]
  if not ctx or ctx.version ~= version then
    ctx = new_context(gathered, shop, now, version)
    gathered.shops[shop] = ctx
  end
  return ctx
end

-- What every command of a context has behind its type. An event that names no shop can only be rejected, and its rejection
-- names none either.
local function tail_of(ctx)
  local tail = (ctx.shop == '' and '' or ',"shop":' .. json(ctx.shop)) .. ',"at":' .. ctx.now
  ctx.tail = tail
  return tail
end

-- Gathers a command. `fields` is the JSON text of what follows the common head, each ",name":value.
function emit(ctx, gateway, kind, fields)
  if not gateway or gateway == '' then return end
  local commands = ctx.gathered.commands
  local count = #commands
  commands[count + 1], commands[count + 2], commands[count + 3], commands[count + 4] = gateway, kind, ctx.tail or tail_of(ctx), fields
end

-- A number's text as that of its thousands and that of the rest: printing a number anew for each command costs as much as
-- all else that is put together of it.
local PADDED = {}
for number = 0, 999 do PADDED[number] = (number < 10 and '00' or number < 100 and '0' or '') .. number end
local thousands, thousands_text = 0, ''

local function digits_of(number)
  if number < 1000 then return '', whole(number) end
  local now = floor(number / 1000)
  if now ~= thousands then thousands, thousands_text = now, whole(now) end
  return thousands_text, PADDED[number - 1000 * now]
end

-- Appends to a gateway's outbox, and bounds it.
function send_to(b, gateway, list)
  local key = K.outbox(b, gateway)
  local length
  for from = 1, #list, 1000 do length = call('RPUSH', key, unpack(list, from, min(from + 999, #list))) end
  -- A gateway that never takes its commands loses the oldest ones; it sees the gap in `seq`. On the way there, and with
  -- every command that goes, it is counted: the keeper tells of those. Below, this costs no call.
  if length > OUTBOX_LIMIT then
    call('LTRIM', key, -OUTBOX_LIMIT, -1)
    call('HINCRBY', K.dropped(b), gateway, length - OUTBOX_LIMIT)
  elseif length >= OUTBOX_LIMIT / 2 and length - #list < OUTBOX_LIMIT / 2 then
    call('HINCRBY', K.dropped(b), gateway, 0)
  end
end

-- Appends `GATEWAY COMMAND` to what is held back, and bounds it; what goes is counted as that of an outbox is.
local function hold(b, list)
  local length = 0
  for from = 1, #list, 1000 do length = call('RPUSH', K.held(b), unpack(list, from, min(from + 999, #list))) end
  if length <= HELD_LIMIT then return end
  local gone = call('LRANGE', K.held(b), 0, length - HELD_LIMIT - 1)
  call('LTRIM', K.held(b), -HELD_LIMIT, -1)
  for i = 1, #gone do call('HINCRBY', K.dropped(b), match(gone[i], '^%S+'), 1) end
end

-- Sends what was gathered: numbers it (`seq` grows by one for each command of an outbox), and holds it back where
-- replicas are waited for.
function send_commands(gathered)
  local commands, b = gathered.commands, gathered.b
  if not commands[1] then return end
  local gateways, places = {}, {}
  for i = 1, #commands, 4 do
    local gateway = commands[i]
    local of = places[gateway]
    if of then
      of[#of + 1] = i
    else
      gateways[#gateways + 1], places[gateway] = gateway, {i}
    end
  end
  local held = holding and {}
  for i = 1, #gateways do
    local gateway = gateways[i]
    local list = places[gateway]
    local count = #list
    local seq = call('HINCRBY', K.gateways(b), gateway, whole(count)) - count
    for j = 1, count do
      local at = list[j]
      local head, rest = digits_of(seq + j)
      list[j] = '{"seq":' .. head .. rest .. ',"type":"' .. commands[at + 1] .. '"' .. commands[at + 2] .. commands[at + 3] .. '}'
      if held then held[#held + 1] = gateway .. ' ' .. list[j] end
    end
    if not held then send_to(b, gateway, list) end
  end
  if held then hold(b, held) end
  gathered.commands = {}
end

end
