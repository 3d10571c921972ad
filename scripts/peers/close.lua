-- A conversation ends: its agent takes the next one from the queue, or has room.
-- KEYS: agents by load, conversations, queue, done, oddities, told. ARGV: conversation, capacity, 'tell' or ''.
local agents, conversations, queue, done, oddities, told = unpack(KEYS)
local conversation, _, tell = unpack(ARGV)
local state = redis.call('HGET', conversations, conversation)
if not state then
  redis.call('HINCRBY', oddities, 'closed early', 1)
elseif state == 'closed' then
  redis.call('HINCRBY', oddities, 'done twice', 1)
elseif state == '' then
  redis.call('LREM', queue, 1, conversation)
else
  local next = redis.call('LPOP', queue)
  if next then
    redis.call('HSET', conversations, next, state)
  else
    redis.call('ZINCRBY', agents, -1, state)
  end
end
redis.call('HSET', conversations, conversation, 'closed')
if tell == 'tell' then redis.call('RPUSH', told, conversation) end
return redis.call('INCR', done)
