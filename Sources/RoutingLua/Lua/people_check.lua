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

local function check_agent(p, id, say)
  local a = call('HMGET', K.agent(p, id), 'status', 'load', 'capacity', 'groups')
  if not a[1] then return say('agent ' .. id .. ' is listed but has no record') end
  local load, capacity = tonumber(a[2]), tonumber(a[3])
  local held = call('ZRANGE', K.agent_open(p, id), 0, -1)
  if #held ~= load then say('agent ' .. id .. ' has load ' .. load .. ' but holds ' .. #held) end
  for i = 1, #held do
    local c = call('HMGET', K.conversation(p, held[i]), 'state', 'agent')
    if c[1] ~= 'active' or c[2] ~= id then
      say('agent ' .. id .. ' holds ' .. held[i] .. ', which is ' .. (c[1] or 'unknown') .. ' with ' .. (c[2] or 'nobody'))
    end
  end
  local room = a[1] == 'online' and load < capacity
  for group in gmatch(a[4], '([^ :]+):[^ ]+') do
    local listed = call('ZSCORE', K.ready(p, group), id)
    if room and not listed then say('agent ' .. id .. ' has room but is not in ready:' .. group) end
    if not room and listed then say('agent ' .. id .. ' has no room but is in ready:' .. group) end
  end
  return a[1] == 'online' and capacity or nil, a[4]
end

local function check_group(p, id, sums, say)
  local ready = call('ZRANGE', K.ready(p, id), 0, -1)
  for i = 1, #ready do
    local groups = call('HGET', K.agent(p, ready[i]), 'groups')
    if not groups or not find(' ' .. groups, ' ' .. id .. ':', 1, true) then
      say('ready:' .. id .. ' lists ' .. ready[i] .. ', who does not serve it')
    end
  end
  local waiting = call('ZRANGE', K.wait(p, id), 0, -1, 'WITHSCORES')
  for i = 1, #waiting, 2 do
    local name = waiting[i]
    local c = call('HMGET', K.conversation(p, name), 'state', 'group', 'level', 'queued_at', 'excluded')
    if c[1] ~= 'waiting' or c[2] ~= id then
      say('wait:' .. id .. ' lists ' .. name .. ', which is ' .. (c[1] or 'unknown') .. ' in ' .. (c[2] or 'no group'))
    else
      if (10 - tonumber(c[3])) * BAND + tonumber(c[4]) ~= tonumber(waiting[i + 1]) then
        say('conversation ' .. name .. ' has another place in wait:' .. id .. ' than its level and time give')
      end
      for j = 1, min(2, #ready) do
        if ready[j] ~= c[5] then
          say('conversation ' .. name .. ' waits in ' .. id .. ' beside agent ' .. ready[j] .. ', who has room')
          break
        end
      end
    end
  end
  local g = call('HMGET', K.group(p, id), 'online', 'slots')
  local online, slots = tonumber(g[1] or '0'), tonumber(g[2] or '0')
  if online ~= sums.online or slots ~= sums.slots then
    say('group ' .. id .. ' counts ' .. online .. ' online with ' .. slots .. ' slots, its agents are ' .. sums.online
      .. ' with ' .. sums.slots)
  end
end

local function check_conversation(p, id, say)
  local c = call('HMGET', K.conversation(p, id), 'state', 'group', 'agent')
  if c[1] == 'waiting' then
    if not call('ZSCORE', K.wait(p, c[2]), id) then say('conversation ' .. id .. ' is waiting but in no queue') end
  elseif c[1] == 'active' then
    if not c[3] or not call('ZSCORE', K.agent_open(p, c[3]), id) then
      say('conversation ' .. id .. ' is active but its agent ' .. (c[3] or '(none)') .. ' does not hold it')
    end
  elseif c[1] ~= 'bot' and c[1] ~= 'closed' then
    say('conversation ' .. id .. ' has the state ' .. (c[1] or '(none)'))
  end
end

local function fl_check(keys)
  local b = shard_base(keys)
  local found, note = checker(b)
  local shops = call('ZRANGE', K.shops(b), 0, -1)
  for s = 1, #shops do
    local shop = shops[s]
    local p = b .. shop .. ':'
    local function say(text) note(shop, text) end
    local sums = {}
    local groups = call('ZRANGE', K.groups(p), 0, -1)
    for i = 1, #groups do sums[groups[i]] = {online = 0, slots = 0} end
    local agents = call('ZRANGE', K.agents(p), 0, -1)
    for i = 1, #agents do
      local capacity, served = check_agent(p, agents[i], say)
      if capacity then
        for group in gmatch(served, '([^ :]+):[^ ]+') do
          local sum = sums[group] or {online = 0, slots = 0}
          sum.online, sum.slots = sum.online + 1, sum.slots + capacity
          sums[group] = sum
        end
      end
    end
    for i = 1, #groups do check_group(p, groups[i], sums[groups[i]], say) end
  end
  local cursor = '0'
  repeat
    local page = call('SCAN', cursor, 'MATCH', K.conversations(b), 'COUNT', 1000)
    cursor = page[1]
    for i = 1, #page[2] do
      local shop, id = K.conversation_of(b, page[2][i])
      if shop then check_conversation(b .. shop .. ':', id, function(text) note(shop, text) end) end
    end
  until cursor == '0'
  return found
end
