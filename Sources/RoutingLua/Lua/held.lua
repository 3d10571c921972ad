-- held: commands that are held back until enough replicas have them. outbox_release, durability_settle.
--
-- In the mode *replicated* a commit appends its commands to one list of the shard, `held`, as `GATEWAY COMMAND`. The holder
-- of partition 0 looks how many there are, waits with WAIT until enough replicas have what was written so far, and then
-- moves just these to their outboxes. So no gateway has seen what a promoted replica lacks; what it lacks is decided again
-- from the inbox. What was moved at a primary that is lost may be moved again at the next one: the same text under the
-- same `seq`, which gateways drop as a repeat.

local outbox_release, durability_settle
do

local ONCE = 1000 -- commands taken from the list by one call
local MOST = 2000 -- commands that one release moves

-- Moves the oldest to their outboxes, in their order.
local function deliver(b, count)
  while count > 0 do
    local some = call('LPOP', K.held(b), whole(min(count, ONCE)))
    if not some then return end
    local lists, gateways = {}, {}
    for i = 1, #some do
      local space = find(some[i], ' ', 1, true)
      local gateway = sub(some[i], 1, space - 1)
      local list = lists[gateway]
      if not list then
        list = {}
        lists[gateway] = list
        gateways[#gateways + 1] = gateway
      end
      list[#list + 1] = sub(some[i], space + 1)
    end
    for i = 1, #gateways do send_to(b, gateways[i], lists[gateways[i]]) end
    count = count - ONCE
  end
end

-- outbox_release: hands out the oldest held commands, and looks how many more there are.
-- args: owner, epoch (of partition 0), how many are known to be with enough replicas, now
-- replies: {'released', how many are held now: a WAIT behind this call covers these} | {'fenced'}
function outbox_release(keys, args)
  local b = shard_base(keys)
  local l = call('HMGET', K.lease(b, '0'), 'owner', 'epoch', 'audit')
  if l[1] ~= args[1] or l[2] ~= args[2] then return {'fenced'} end
  if l[3] then begin_entry(l[3], running, head_of_entry('0', args[1], args[2], args[4])) end
  deliver(b, tonumber(args[3]))
  end_entry(b, 'released')
  local waiting = call('LLEN', K.held(b))
  -- WAIT is promised for the writes of its own connection only.
  if waiting > 0 then call('HINCRBY', K.settings(b), 'releases', 1) end
  return {'released', min(waiting, MOST)}
end

-- durability_settle: lets the shard's partitions hold commands back, or not any more, as its settings say. What is
-- held then goes out at once and in the same step, so that no later command overtakes it.
-- args: partitions, now. replies: 'held' | 'direct'
function durability_settle(keys, args)
  local b = shard_base(keys)
  local replicated = call('HGET', K.settings(b), 'durability') == 'replicated'
  begin_entry(call('HGET', K.lease(b, '0'), 'audit') or '', running, ',"at":' .. args[2])
  if not replicated then deliver(b, call('LLEN', K.held(b))) end
  for partition = 0, tonumber(args[1]) - 1 do
    local lease = K.lease(b, whole(partition))
    if not replicated then
      call('HDEL', lease, 'held')
    elseif not call('HGET', lease, 'held') then
      call('HSET', lease, 'held', '1')
    end
  end
  local reply = replicated and 'held' or 'direct'
  end_entry(b, reply)
  return reply
end

end
