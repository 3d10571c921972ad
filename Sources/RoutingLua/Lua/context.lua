-- context: what one commit carries from its checks to its writes, and the commands it sends.
--
-- Commands are gathered while a function works and leave together at its end (`send_all`), so that an
-- outbox costs two calls per commit however many commands it gets. Facts for the counters likewise: one call.

local new_context, emit, send_to, send_commands
do

local OUTBOX_LIMIT = 100000 -- commands kept for a gateway that does not take them; the oldest go first
local HELD_LIMIT = 200000 -- commands held back in a shard; workers pause long before

function new_context(b, shop, now, version)
  return {
    b = b, p = b .. shop .. ':', shop = shop, now = now, t = tonumber(now), version = version,
    outbox = {}, gateways = {}, groups = {}, facts = {},
  }
end

-- Gathers a command. `fields` is the JSON text of what follows the common head, each ",name":value.
function emit(ctx, gateway, kind, fields)
  if not gateway or gateway == '' then return end
  local list = ctx.outbox[gateway]
  if not list then
    list = {}
    ctx.outbox[gateway] = list
    ctx.gateways[#ctx.gateways + 1] = gateway
  end
  -- An event that names no shop can only be rejected, and its rejection names none either.
  local shop = ctx.shop == '' and '' or ',"shop":' .. json(ctx.shop)
  list[#list + 1] = ',"type":"' .. kind .. '"' .. shop .. ',"at":' .. ctx.now .. fields .. '}'
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
function send_commands(ctx)
  local held = {}
  for i = 1, #ctx.gateways do
    local gateway = ctx.gateways[i]
    local list = ctx.outbox[gateway]
    local count = #list
    local first = call('HINCRBY', K.gateways(ctx.b), gateway, count) - count
    for j = 1, count do
      list[j] = '{"seq":' .. whole(first + j) .. list[j]
      if holding then held[#held + 1] = gateway .. ' ' .. list[j] end
    end
    if not holding then send_to(ctx.b, gateway, list) end
  end
  if held[1] then hold(ctx.b, held) end
  ctx.outbox, ctx.gateways = {}, {}
end

end
