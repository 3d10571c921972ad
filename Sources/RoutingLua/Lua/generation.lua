-- generation: to which history of writes the shard's data belongs, and what follows when that is another one.
--
-- Redis names the history of a primary's writes. A server that has started again, and a replica that took over, begin one
-- of their own, and what was written last before may be missing: commands that gateways have taken among it. Then the
-- same numbers would be given again to other commands, and gateways would drop those as repeats. So the first worker
-- that signs in there settles it before anybody takes a lease: all epochs are void, and unless nothing is missing
-- that a gateway was told, `seq` jumps, a gap that gateways see as when their outbox was cut.

local generation_settle
do

local JUMP = 1000000 -- far more commands than one gateway is sent in the moments that can be lost; exact in a double 10^9 times
local ONCE = 1000 -- gateways in one call

local function void_leases(b, partitions)
  for partition = 0, partitions - 1 do
    local lease = K.lease(b, whole(partition))
    local epoch = call('HGET', lease, 'epoch')
    if epoch then call('HSET', lease, 'owner', '', 'epoch', whole(tonumber(epoch) + 1)) end
  end
end

local function jump(b)
  local numbers = call('HGETALL', K.gateways(b))
  for i = 2, #numbers, 2 do numbers[i] = whole(tonumber(numbers[i]) + JUMP) end
  for from = 1, #numbers, 2 * ONCE do
    call('HSET', K.gateways(b), unpack(numbers, from, min(from + 2 * ONCE - 1, #numbers)))
  end
end

-- generation_settle: says which history a member has found.
-- args: history, the history that it goes on from, what may be missing, partitions, now
--   missing: 'nothing' (the server lost nothing, whatever it is called now) | 'unseen' (nothing that a gateway was told, if
--   it goes on from the history that the shard knows) | 'some' | 'seen' (some is missing that the caller has seen)
-- replies: {'same' | 'begun' | 'kept' | 'complete' | 'lost', generation}
function generation_settle(keys, args)
  local b = shard_base(keys)
  local settings = K.settings(b)
  local s = call('HMGET', settings, 'dataset', 'generation', 'succession')
  if not s[1] then
    call('HSET', settings, 'dataset', args[1], 'generation', '1', 'succession', 'begun')
    return {'begun', '1'}
  end
  local outcome = 'lost'
  if s[1] == args[1] then
    -- Whoever came first had seen less of the old primary than the caller.
    if args[3] ~= 'seen' or s[3] ~= 'complete' then return {'same', s[2]} end
  elseif args[3] == 'nothing' then
    call('HSET', settings, 'dataset', args[1], 'succession', 'kept')
    return {'kept', s[2]}
  elseif args[3] == 'unseen' and args[2] == s[1] then
    outcome = 'complete'
  end
  local generation = whole(tonumber(s[2]) + 1)
  local audit = call('HGET', K.lease(b, '0'), 'audit') or ''
  call('HSET', settings, 'dataset', args[1], 'generation', generation, 'succession', outcome)
  if outcome == 'lost' then call('HSET', settings, 'lost_at', args[5]) end
  begin_entry(audit, running, ',"at":' .. args[5])
  void_leases(b, tonumber(args[4]))
  if outcome == 'lost' then jump(b) end
  end_entry(b, outcome)
  return {outcome, generation}
end

end
