-- conversation_context: what a decision about a customer's word needs, in one call. Changes nothing.
--
-- args: shop, conversation
-- replies: {} if it is not known; else {the fields of CONTEXT, {texts …}, {the customer's fields: name, value …}}; missing
--   ones are ''. Without texts and customer where nobody listens: active and closed conversations.

local conversation_context
do

local CONTEXT = {'state', 'mode', 'group', 'level', 'rule', 'heard', 'channel', 'category', 'params', 'customer', 'asked_for'}

function conversation_context(keys, args)
  local p = shard_base(keys) .. args[1] .. ':'
  local values = call('HMGET', K.conversation(p, args[2]), unpack(CONTEXT))
  if not values[1] then return {} end
  for i = 1, #CONTEXT do values[i] = values[i] or '' end
  if values[1] ~= 'bot' and values[1] ~= 'waiting' then return {values, {}, {}} end
  return {values, call('LRANGE', K.conversation_texts(p, args[2]), 0, -1), call('HGETALL', K.customer(p, values[10]))}
end

end
