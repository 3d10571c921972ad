-- tick: fires the timers that are due, in the holder of the shard's partition 0.
--
-- args: owner, epoch, now, limit, configuration version seen
-- replies: {'ticked', fired, next due ('' for none, `now` where more is left to do), {shop, version … applied since},
--   {what failed …}, entries of facts that wait, entries that were folded ever} | {'fenced'} | {'behind', shop, 'group ID' or 'agent ID'}
-- Timers are lazy: each looks at the record when it fires, and goes, or is set anew. Each is a step of its
-- own that checks first and then writes.

-- A timer that fails (its record is not what it should be) must not stop all others: it is tried again so much later.
local FAILED_AGAIN = 60000

local function tick(keys, args)
  local b = shard_base(keys)
  local held = call('HMGET', K.lease(b, '0'), 'owner', 'epoch', 'audit', 'held')
  if held[1] ~= args[1] or held[2] ~= args[2] then return {'fenced'} end
  holding = held[4]
  local due = K.due(b)
  local fired, failures = 0, {}
  local limit = tonumber(args[4])
  counted = 0
  while fired < limit and counted < CALLS_ENOUGH do
    call = counting
    local first = call('ZRANGEBYSCORE', due, '-inf', args[3], 'WITHSCORES', 'LIMIT', 0, 1)
    local member, score = first[1], first[2]
    if not member then break end
    if held[3] then
      begin_entry(held[3], 'timer', head_of_entry('0', args[1], args[2], args[3]) .. ',"timer":' .. cjson.encode(member))
    end
    local kind, shop, id = match(member, '^(%a+):([^:]+):([^:]+)$')
    local again
    local outcome = 'fired'
    if kind and TIMER[kind] then
      local ctx = new_context(gathering(b), shop, args[3])
      if read_config(ctx).version then
        local well, due_again, refusal = pcall(TIMER[kind], ctx, id)
        if not well then
          local problem = type(due_again) == 'table' and due_again.err or tostring(due_again)
          failures[#failures + 1] = member .. ' ' .. problem
          outcome = 'failed ' .. problem
          again = ctx.t + FAILED_AGAIN
        else
          if refusal == 'stale' then return {'behind', shop, 'group ' .. id} end
          if refusal then return {'behind', shop, sub(refusal, 8)} end
          again = due_again
          send_all(ctx)
        end
      end
    end
    if again then
      call('ZADD', due, whole(again), member)
    elseif call('ZSCORE', due, member) == score then
      call('ZREM', due, member) -- else what it did has set it anew
    end
    end_entry(b, outcome)
    fired = fired + 1
  end
  call, counted = plain_call, nil
  local next_due = call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''
  local changed = call('ZRANGEBYSCORE', K.shops(b), '(' .. args[5], '+inf', 'WITHSCORES', 'LIMIT', 0, 100)
  local folded = call('HGET', K.lease(b, '0'), 'folded') or '0'
  return {'ticked', fired, next_due, changed, failures, call('LLEN', K.facts(b)), folded}
end
