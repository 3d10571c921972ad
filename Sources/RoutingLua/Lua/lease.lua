-- lease: which workers live, and which of them holds a partition.
--
-- A lease has no TTL: a rival takes over only after it has watched owner, epoch and renewal stand unchanged
-- for the lease time on its own monotonic clock, and says here what it watched. A poison event that ends
-- its worker is found in narrowing steps: after an unclean end the next holder goes through what lies ahead in
-- small groups and marks each (`attempt`) before it touches it; a group in which a holder ended is gone through
-- one by one. A holder that ends at a single event which it had marked itself is a strike against that event; it
-- touches no other event meanwhile, in no partition, lest one be blamed for what another did.

local member_beat, member_drop, lease_take, lease_release, lease_attempt, member_leave
do

local SUSPECT_RANGE = 1024 -- events behind the position at an unclean end that are approached in small groups

local function begin_lease_entry(keep, partition, owner, epoch, position)
  if keep then begin_entry(keep, running, head_of_entry(partition, owner, epoch) .. ',"pos":' .. position) end
end

-- member_beat: signs a worker in, renews its leases, tells the time and how things stand.
-- args: owner, partitions, then (partition, epoch) for each lease held
-- replies: {time ms, {member, beats …}, {{owner, epoch, renewal} for each partition},
--   {durability, replicas, partitions that hold commands back, commands held back}}
function member_beat(keys, args)
  local b = shard_base(keys)
  local owner = args[1]
  for i = 3, #args, 2 do
    local lease = K.lease(b, args[i])
    local held = call('HMGET', lease, 'owner', 'epoch')
    if held[1] == owner and held[2] == args[i + 1] then call('HINCRBY', lease, 'renewal', 1) end
  end
  call('HINCRBY', K.members(b), owner, 1)
  local leases, holders = {}, 0
  for partition = 0, tonumber(args[2]) - 1 do
    local l = call('HMGET', K.lease(b, whole(partition)), 'owner', 'epoch', 'renewal', 'held')
    if l[4] then holders = holders + 1 end
    leases[#leases + 1] = {l[1] or '', l[2] or '0', l[3] or '0'}
  end
  local s = call('HMGET', K.settings(b), 'durability', 'replicas')
  local held = holders > 0 and call('LLEN', K.held(b)) or 0
  local time = call('TIME')
  return {whole(tonumber(time[1]) * 1000 + floor(tonumber(time[2]) / 1000)), call('HGETALL', K.members(b)), leases,
    {s[1] or '', s[2] or '', holders, held}}
end

-- member_drop: removes a member whose beats have stood still. args: member, beats seen. replies: 'dropped' | 'alive'
function member_drop(keys, args)
  local members = K.members(shard_base(keys))
  if call('HGET', members, args[1]) ~= args[2] then return 'alive' end
  call('HDEL', members, args[1])
  return 'dropped'
end

-- lease_take: takes a partition from the state that was watched.
-- args: owner, partition, owner watched, epoch watched, renewal watched
-- replies: {'taken', epoch, position, strikes, suspect until, single until} | {'moved'}
function lease_take(keys, args)
  local b = shard_base(keys)
  local lease = K.lease(b, args[2])
  local l = call('HMGET', lease, 'owner', 'epoch', 'renewal', 'position', 'attempt', 'attempted', 'strikes', 'struck',
    'suspect_until', 'single_until', 'audit')
  local owner = l[1] or ''
  if owner ~= args[3] or (l[2] or '0') ~= args[4] or (l[3] or '0') ~= args[5] then return {'moved'} end
  local position = tonumber(l[4] or '0')
  local epoch = whole((tonumber(l[2]) or 0) + 1)
  local first, count = tonumber(l[5] or ''), tonumber(l[6] or '1')
  local strikes = tonumber(l[8] or '') == position and tonumber(l[7]) or 0
  local suspect, single = tonumber(l[9] or '0'), tonumber(l[10] or '0')
  -- A worker that takes its own lease again has lost its connection, not its life.
  if owner ~= '' and owner ~= args[1] then
    suspect = position + SUSPECT_RANGE
    if first and first <= position and position < first + count then
      single = max(single, first + count)
      if count == 1 then strikes = strikes + 1 end
    end
  end
  begin_lease_entry(l[11], args[2], args[1], epoch, whole(position))
  call('HSET', lease, 'owner', args[1], 'epoch', epoch, 'renewal', '0', 'position', whole(position), 'attempt', '',
    'attempted', '0', 'strikes', whole(strikes), 'struck', whole(position), 'suspect_until', whole(suspect),
    'single_until', whole(single))
  end_entry(b, 'taken')
  return {'taken', epoch, whole(position), whole(strikes), whole(suspect), whole(single)}
end

-- lease_release: hands a partition over cleanly. args: owner, partition, epoch. replies: 'released' | 'fenced'
function lease_release(keys, args)
  local b = shard_base(keys)
  local lease = K.lease(b, args[2])
  local l = call('HMGET', lease, 'owner', 'epoch', 'position', 'audit')
  if l[1] ~= args[1] or l[2] ~= args[3] then return 'fenced' end
  begin_lease_entry(l[4], args[2], args[1], args[3], l[3] or '0')
  call('HSET', lease, 'owner', '')
  end_entry(b, 'released')
  return 'released'
end

-- lease_attempt: marks events before they are touched. args: owner, partition, epoch, position, count
-- replies: 'marked' | 'fenced'
function lease_attempt(keys, args)
  local b = shard_base(keys)
  local lease = K.lease(b, args[2])
  local l = call('HMGET', lease, 'owner', 'epoch', 'position', 'audit')
  if l[1] ~= args[1] or l[2] ~= args[3] or l[3] ~= args[4] then return 'fenced' end
  begin_lease_entry(l[4], args[2], args[1], args[3], args[4])
  call('HSET', lease, 'attempt', args[4], 'attempted', args[5])
  end_entry(b, 'marked')
  return 'marked'
end

-- member_leave: a worker that ends signs off. args: owner
function member_leave(keys, args)
  call('HDEL', K.members(shard_base(keys)), args[1])
  return 'left'
end

end
