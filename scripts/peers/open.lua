-- A conversation comes: the least-loaded agent with room takes it, or else it waits.
-- KEYS: agents by load, conversations, queue, done, oddities, told. ARGV: conversation, capacity, 'tell' or ''.
local agents, conversations, queue, done, oddities, told = unpack(KEYS)
local conversation, capacity, tell = unpack(ARGV)
local state = redis.call('HGET', conversations, conversation)
if state == 'closed' then
  -- Its close was done before: whoever keeps no order has to expect that.
  redis.call('HINCRBY', oddities, 'opened late', 1)
elseif state then
  redis.call('HINCRBY', oddities, 'done twice', 1)
else
  local least = redis.call('ZRANGE', agents, '-inf', '(' .. capacity, 'BYSCORE', 'LIMIT', 0, 1)[1]
  if least then
    redis.call('ZINCRBY', agents, 1, least)
    redis.call('HSET', conversations, conversation, least)
  else
    redis.call('RPUSH', queue, conversation)
    redis.call('HSET', conversations, conversation, '')
  end
end
if tell == 'tell' then redis.call('RPUSH', told, conversation) end
return redis.call('INCR', done)
