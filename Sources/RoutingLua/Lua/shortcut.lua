-- shortcut: what the steps that come most often need when nothing special is asked for: an agent of one group, JSON text of
-- names that come again and again, a record's fields without a table of all that it has.
--
-- The shortcuts (`shortcut_open.lua`, `shortcut_close.lua`) leave what the general way would leave, to the last field, in the
-- same order; whatever they do not know they leave to it, before the first write. They cost Redis half as much: the general
-- way works on tables of everything, and Lua's tables and strings are dearer than the calls of Redis between them.

local SHORTCUTS, plain_calls, quoted, read_plain_agent, save_plain_agent, emit_assigned, why_fields
do

-- The battery and a test play without them what lies in the general way, and so compare the two.
SHORTCUTS = true

-- The calls of a shortcut are counted together, when it has gone through; while writes are noted each must be seen.
function plain_calls() return call == counting and plain_call or call end

-- JSON text of the name of an agent or a group, remembered.
local QUOTED_LIMIT = 1000
local names, names_count = {}, 0
function quoted(name)
  local text = names[name]
  if text then return text end
  if names_count >= QUOTED_LIMIT then names, names_count = {}, 0 end
  text = json(name)
  names[name], names_count = text, names_count + 1
  return text
end

-- Strategies whose scores follow from an agent's load alone.
local BY_LOAD = {['least-loaded'] = true, ['longest-idle'] = true, ['most-skilled'] = true}

-- An agent under the configuration in force that serves this group and no other, with nothing that its assignments have to
-- count beside its load: nil for every other. `room` is what it may use: what its group allows, where that is less.
function read_plain_agent(ctx, call, id, group_id)
  local key = K.agent(ctx.p, id)
  local fields = call('HMGET', key, 'status', 'load', 'used', 'capacity', 'spread', 'idle_since', 'version', 'groups',
    'gateway', 'wanted', 'ramp')
  if fields[7] ~= ctx.version or fields[10] or (fields[11] or '0') ~= '0' then return nil end
  local groups = parse_groups(fields[8])
  local group = groups[1]
  if groups[2] or not group or group.id ~= group_id or not BY_LOAD[group.strategy] then return nil end
  local used = number_in(fields[3])
  if (fields[5] or '') ~= (used > 0 and group_id .. ':' .. whole(used) or '') then return nil end
  local capacity = number_in(fields[4])
  return {
    id = id, key = key, status = fields[1], load = number_in(fields[2]), used = used,
    capacity = capacity, room = min(capacity, group.capacity or capacity), idle_since = fields[6] or '0', gateway = fields[9], group = group,
  }
end

-- Puts a plain agent where it belongs in the lists of its group. `had_room`: it stood among the ready ones.
function save_plain_agent(ctx, call, agent, had_room)
  if agent.status ~= 'online' then return end
  local id, group = agent.id, agent.group
  agent.idle_since = tonumber(agent.idle_since)
  if agent.used < agent.room then
    if not had_room then call('ZREM', K.busy(ctx.p, group.id), id) end
    call('ZADD', K.ready(ctx.p, group.id), ready_score(agent, group), id)
  else
    if had_room then call('ZREM', K.ready(ctx.p, group.id), id) end
    call('ZADD', K.busy(ctx.p, group.id), whole(load_score(agent)), id)
  end
end

-- Tells both sides who has the conversation; `both` is what their commands begin with, `note` what only the agent learns.
function emit_assigned(ctx, both, gateway, agent, group_id, level, reason, ms, note)
  local fields = '","agent":' .. quoted(agent.id) .. ',"group":' .. quoted(group_id) .. ',"level":' .. level
    .. ',"reason":"' .. reason .. '","waited_ms":' .. ms
  emit(ctx, gateway, 'conversation.assigned', both .. 'customer' .. fields)
  emit(ctx, agent.gateway, 'conversation.assigned', both .. 'agent' .. fields .. note)
end

-- A decision's text as at most two fields (name, text), cut as `explain` cuts it; `first` and `rest` are halves of it, between
-- which a cut may be. Nil for a longer one.
function why_fields(number, first, rest)
  if #first + #rest <= SHORT then return 'why' .. number, first .. rest end
  if #first <= SHORT and #rest <= SHORT and #first + (find(rest, ' ', 2, true) or SHORT) > SHORT + 1 then
    return 'why' .. number, first, 'why' .. number + 1, rest
  end
  local pieces = cut(first .. rest)
  if pieces[3] then return nil end
  return 'why' .. number, pieces[1], pieces[2] and 'why' .. number + 1, pieces[2]
end

end
