-- people_check: fl_check verifies guarantees 4 and 5 over the whole shard and lists every violation (at most
-- VIOLATION_LIMIT); empty when all holds.
--
-- It looks at every record of the shard in one call, so its time grows with the shard, unlike every other
-- function's: a tool for tests and for people, not for a monitor's every second.

local VIOLATION_LIMIT = 1000

local function checker(b)
  local found = {}
  return found, function(shop, text)
    if #found < VIOLATION_LIMIT then found[#found + 1] = 'shop ' .. shop .. ': ' .. text end
  end
end

local function numbers_in(text)
  local found = {}
  for name, number in gmatch(text or '', '([^ :]+):(%d+)') do found[name] = tonumber(number) end
  return found
end

-- An agent as its lists should have it: the sums over what it holds, and its room in each of its groups.
local function agent_of(p, id)
  local a = hash(K.agent(p, id))
  if not a then return nil end
  a.load, a.used, a.capacity = tonumber(a.load), tonumber(a.used), tonumber(a.capacity)
  a.spread, a.able, a.caps = numbers_in(a.spread), numbers_in(a.skills), {}
  for group, cap in gmatch(a.groups, '([^ :]+):[^ :]+:%d+:([%d-]+)') do a.caps[group] = tonumber(cap) or a.capacity end
  return a
end

local function room(a, group, units)
  return a.status == 'online' and not a.ramped and a.used + units <= a.capacity
    and (not a.caps[group] or (a.spread[group] or 0) + units <= a.caps[group])
end

-- What is held, with the slots in wrap-up, must be what the record counts: load, units, units by group.
local function check_held(p, id, a, say)
  local held = call('ZRANGE', K.agent_open(p, id), 0, -1)
  if #held ~= a.load then say('agent ' .. id .. ' has load ' .. a.load .. ' but holds ' .. #held) end
  local used, spread = 0, {}
  local function take(group, units)
    used, spread[group] = used + units, (spread[group] or 0) + units
  end
  for i = 1, #held do
    local c = call('HMGET', K.conversation(p, held[i]), 'state', 'agent', 'group', 'units')
    if c[1] ~= 'active' or c[2] ~= id then
      say('agent ' .. id .. ' holds ' .. held[i] .. ', which is ' .. (c[1] or 'unknown') .. ' with ' .. (c[2] or 'nobody'))
    else
      take(c[3], tonumber(c[4] or '1'))
    end
  end
  local wrap = call('ZRANGE', K.agent_wrap(p, id), 0, -1)
  for i = 1, #wrap do
    local group, units = match(wrap[i], '^[^:]+:([^:]+):(%d+)')
    take(group, tonumber(units))
  end
  if used ~= a.used then say('agent ' .. id .. ' uses ' .. a.used .. ' but what it holds comes to ' .. used) end
  for group, units in pairs(spread) do
    if (a.spread[group] or 0) ~= units then
      say('agent ' .. id .. ' uses ' .. (a.spread[group] or 0) .. ' in ' .. group .. ' but what it holds comes to ' .. units)
    end
  end
end

local function check_agent(p, id, say)
  local a = agent_of(p, id)
  if not a then
    say('agent ' .. id .. ' is listed but has no record')
    return nil
  end
  check_held(p, id, a, say)
  for group in pairs(a.caps) do
    local has_room = room(a, group, 1)
    local listed, busy = call('ZSCORE', K.ready(p, group), id), call('ZSCORE', K.busy(p, group), id)
    if has_room and not listed then say('agent ' .. id .. ' has room but is not in ready:' .. group) end
    if not has_room and listed then say('agent ' .. id .. ' has no room but is in ready:' .. group) end
    if (a.status == 'online' and not has_room) ~= (busy and true or false) then
      say('agent ' .. id .. ' is ' .. a.status .. (has_room and ' with room' or ' without room') .. ' and '
        .. (busy and 'is' or 'is not') .. ' in busy:' .. group)
    end
  end
  return a
end

-- Whether nothing keeps the pair apart: then they must not stand side by side.
local function suits(c, a, group)
  if c.manual or (c.only and c.only ~= a.id) or c.excluded == a.id or has_name(c.avoid, a.id) then return false end
  for name, minimum in pairs(numbers_in(c.skills)) do
    if (a.able[name] or 0) < minimum then return false end
  end
  local units = min(tonumber(c.weight or '1'), a.capacity, a.caps[group] or a.capacity)
  return room(a, group, max(1, units))
end

local BESIDE = 20 -- agents of a ready list that each waiting conversation is compared with

local function check_beside(p, c, group, ready, agents, say)
  for i = 1, min(BESIDE, #ready) do
    local a = agents[ready[i]]
    if a and suits(c, a, group) then
      say('conversation ' .. c.id .. ' waits in ' .. group .. ' beside agent ' .. ready[i] .. ', who has room')
      return
    end
  end
end

local function check_place(p, id, group, score, ready, agents, say)
  local c = hash(K.conversation(p, id))
  if not c or c.state ~= 'waiting' or c.group ~= group then
    say('wait:' .. group .. ' lists ' .. id .. ', which is ' .. (c and c.state or 'unknown') .. ' in '
      .. (c and c.group or 'no group'))
    return
  end
  c.id = id
  local queued_at = tonumber(c.queued_at or c.opened_at)
  local expected = (10 - tonumber(c.level)) * BAND + queued_at
  if c.credit then expected = queued_at - tonumber(c.level) * tonumber(c.credit) end
  if expected ~= score then
    say('conversation ' .. id .. ' has another place in wait:' .. group .. ' than its level and time give')
  end
  check_beside(p, c, group, ready, agents, say)
end

local function check_offers(p, id, ready, agents, say)
  local offered = call('ZRANGE', K.offer(p, id), 0, -1)
  local g = call('HMGET', K.group(p, id), 'manner', 'open', 'sweep_offers')
  local gives = not g[1] and g[2] ~= '0' and not g[3]
  for i = 1, #offered do
    local c = hash(K.conversation(p, offered[i]))
    if not c or c.state ~= 'waiting' or not has_name(c.offered, id) then
      say('offer:' .. id .. ' lists ' .. offered[i] .. ', which is ' .. (c and c.state or 'unknown') .. ' and not offered there')
    elseif gives then
      c.id, c.manual = offered[i], nil
      check_beside(p, c, id, ready, agents, say)
    end
  end
end

local function check_group(p, id, sums, agents, say)
  local ready = call('ZRANGE', K.ready(p, id), 0, -1)
  for i = 1, #ready do
    local a = agents[ready[i]]
    if not a or not a.caps[id] then say('ready:' .. id .. ' lists ' .. ready[i] .. ', who does not serve it') end
  end
  local waiting = call('ZRANGE', K.wait(p, id), 0, -1, 'WITHSCORES')
  for i = 1, #waiting, 2 do check_place(p, waiting[i], id, tonumber(waiting[i + 1]), ready, agents, say) end
  check_offers(p, id, ready, agents, say)
  local parked = call('ZRANGE', K.parked(p, id), 0, -1)
  for i = 1, #parked do
    local c = call('HMGET', K.conversation(p, parked[i]), 'state', 'parked_at')
    if c[1] ~= 'waiting' or not c[2] then say('parked:' .. id .. ' lists ' .. parked[i] .. ', which is not parked') end
  end
  local g = call('HMGET', K.group(p, id), 'online', 'slots', 'paused')
  local online, slots, paused = tonumber(g[1] or '0'), tonumber(g[2] or '0'), tonumber(g[3] or '0')
  if online ~= sums.online or slots ~= sums.slots or paused ~= sums.paused then
    say('group ' .. id .. ' counts ' .. online .. ' online with ' .. slots .. ' slots and ' .. paused
      .. ' paused, its agents are ' .. sums.online .. ' with ' .. sums.slots .. ' and ' .. sums.paused)
  end
end

local function check_conversation(p, id, say)
  local c = call('HMGET', K.conversation(p, id), 'state', 'group', 'agent', 'parked_at')
  if c[1] == 'waiting' then
    local list = c[4] and K.parked(p, c[2]) or K.wait(p, c[2])
    if not call('ZSCORE', list, id) then say('conversation ' .. id .. ' is waiting but in no queue') end
  elseif c[1] == 'active' then
    if not c[3] or not call('ZSCORE', K.agent_open(p, c[3]), id) then
      say('conversation ' .. id .. ' is active but its agent ' .. (c[3] or '(none)') .. ' does not hold it')
    end
  elseif c[1] ~= 'bot' and c[1] ~= 'closed' then
    say('conversation ' .. id .. ' has the state ' .. (c[1] or '(none)'))
  end
end

local function check_shop(p, say)
  local sums, agents = {}, {}
  local groups = call('ZRANGE', K.groups(p), 0, -1)
  local function sum_of(group)
    if not sums[group] then sums[group] = {online = 0, slots = 0, paused = 0} end
    return sums[group]
  end
  local ids = call('ZRANGE', K.agents(p), 0, -1)
  for i = 1, #ids do
    local a = check_agent(p, ids[i], say)
    if a then
      a.id, agents[ids[i]] = ids[i], a
      for group, cap in pairs(a.caps) do
        local sum = sum_of(group)
        if a.status == 'online' then
          sum.online, sum.slots = sum.online + 1, sum.slots + min(a.capacity, cap)
        elseif a.status == 'paused' then
          sum.paused = sum.paused + 1
        end
      end
    end
  end
  for i = 1, #groups do check_group(p, groups[i], sum_of(groups[i]), agents, say) end
end

local function fl_check(keys)
  local b = shard_base(keys)
  local found, report = checker(b)
  -- In a cluster Redis refuses our functions while a slot is moved because their declared key is missing: it has to be.
  if call('EXISTS', sub(b, 1, -2)) == 1 then
    found[1] = 'the key ' .. sub(b, 1, -2) .. ' exists; nothing may, delete it: moving the shard in a cluster would not be safe'
  end
  local shops = call('ZRANGE', K.shops(b), 0, -1)
  for s = 1, #shops do
    local shop = shops[s]
    check_shop(b .. shop .. ':', function(text) report(shop, text) end)
  end
  if not call('HGET', K.lease(b, '0'), 'held') and call('EXISTS', K.held(b)) == 1 then
    found[#found + 1] = 'commands are held back, and no worker will hand them out'
  end
  local cursor = '0'
  repeat
    local page = call('SCAN', cursor, 'MATCH', K.conversations(b), 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2] do
      local shop, id = K.conversation_of(b, page[2][i])
      if shop then check_conversation(b .. shop .. ':', id, function(text) report(shop, text) end) end
    end
  until cursor == '0'
  return found
end
