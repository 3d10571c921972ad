-- queue: waiting conversations, and what a customer is told of its place.

local CONVERSATION = {
  'state', 'customer', 'gateway', 'group', 'level', 'agent', 'queued_at', 'waiting_since', 'reason', 'waited_ms',
  'excluded', 'closed_by', 'close_reason', 'idle_armed', 'mode', 'opened_at', 'spoke', 'spoke_at',
}

local function read_conversation(ctx, id)
  local values = call('HMGET', K.conversation(ctx.p, id), unpack(CONVERSATION))
  if not values[1] then return nil end
  local c = {id = id}
  for i = 1, #CONVERSATION do c[CONVERSATION[i]] = values[i] end
  c.level = tonumber(c.level)
  return c
end

-- The wire protocol's score: level before time of queueing.
local function wait_score(c) return whole((10 - c.level) * BAND + tonumber(c.queued_at)) end

-- What the functions need of a group's settings and sums. Nil if the group has no record, or one that only
-- waits for its retirement.
local function read_group(ctx, id)
  local g = call('HMGET', K.group(ctx.p, id), 'version', 'slots', 'enabled', 'limit', 'handle_time', 'hide_waiting',
    'hide_wait', 'retired')
  if not g[1] or g[8] then return nil end
  return {
    id = id, version = g[1], slots = tonumber(g[2]) or 0, enabled = g[3] == '1', limit = tonumber(g[4]),
    handle_time = tonumber(g[5]), hide_waiting = tonumber(g[6]), hide_wait = tonumber(g[7]),
  }
end

-- The group of a conversation that looks for somebody again, or the default group in place of one that the
-- configuration has no more: group | nil, refusal.
local function home_group(ctx, id)
  local group = read_group(ctx, id)
  if not group then
    id = ctx.config.default_group
    group = read_group(ctx, id)
  end
  if not group or group.version ~= ctx.config.version then return nil, 'behind group ' .. id end
  return group
end

local function head(c, to)
  return ',"conversation":' .. json(c.id) .. ',"customer":' .. json(c.customer) .. ',"to":"' .. to .. '"'
end

-- Tells the customer its place: among its own level only, so that being overtaken by a higher level
-- does not make its number grow; the wait counts everybody who is served before it. Both numbers are
-- hidden when more than `hide_waiting` wait, when the wait is above `hide_wait`, or without a slot.
local function tell_queued(ctx, c, group)
  local numbers = ',"hidden":true'
  local key = K.wait(ctx.p, c.group)
  if group and group.slots > 0 and call('ZCARD', key) <= group.hide_waiting then
    local rank = call('ZRANK', key, c.id) or 0
    local seconds = -floor(-((rank + 1) * group.handle_time) / (group.slots * 1000))
    if seconds * 1000 <= group.hide_wait then
      local ahead = 0
      if c.level < 10 then ahead = call('ZCOUNT', key, '-inf', '(' .. whole((10 - c.level) * BAND)) end
      numbers = ',"position":' .. whole(rank - ahead + 1) .. ',"wait_seconds":' .. whole(seconds) .. ',"hidden":false'
    end
  end
  emit(ctx, c.gateway, 'conversation.queued', head(c, 'customer') .. ',"group":' .. json(c.group) .. numbers)
end

local function tell_bot(ctx, c)
  emit(ctx, c.gateway, 'conversation.bot', head(c, 'customer') .. ',"group":' .. json(c.group))
end

local function assigned_fields(c)
  return ',"agent":' .. json(c.agent) .. ',"group":' .. json(c.group) .. ',"level":' .. whole(c.level) .. ',"reason":"'
    .. c.reason .. '","waited_ms":' .. c.waited_ms
end

local function closed_fields(c) return ',"by":' .. json(c.closed_by) .. ',"reason":"' .. c.close_reason .. '"' end

-- Repeats to the customer's gateway what is so now.
local function tell_status(ctx, c)
  if c.state == 'waiting' then
    tell_queued(ctx, c, read_group(ctx, c.group))
  elseif c.state == 'active' then
    emit(ctx, c.gateway, 'conversation.assigned', head(c, 'customer') .. assigned_fields(c))
  elseif c.state == 'bot' then
    tell_bot(ctx, c)
  else
    emit(ctx, c.gateway, 'conversation.closed', head(c, 'customer') .. closed_fields(c))
  end
end
