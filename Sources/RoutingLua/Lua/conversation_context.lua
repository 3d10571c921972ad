-- conversation_context: what a decision about a customer's word needs, in one call. Changes nothing.
--
-- args: shop, conversation
-- replies: {} if it is not known; else {{state, mode, group, level, rule, heard, channel, category, params, customer, asked_for},
--   {texts …}, {the customer's fields: name, value …}}; missing ones are ''. `heard` in all:
--   the one in the record too. Without texts and customer where nobody listens: active and closed conversations.

local conversation_context
do

function conversation_context(keys, args)
  local p = shard_base(keys) .. args[1] .. ':'
  local values = call('HMGET', K.conversation(p, args[2]), 'state', 'mode', 'group', 'level', 'rule', 'heard', 'channel', 'category',
    'params', 'customer', 'asked_for', 'said')
  if not values[1] then return {} end
  values[2] = values[2] or implied(nil, 'mode')
  local said = table.remove(values)
  values[6] = whole(number_in(values[6]) + (said and 1 or 0))
  for i = 1, #values do values[i] = values[i] or '' end
  if values[1] ~= 'bot' and values[1] ~= 'waiting' then return {values, {}, {}} end
  local texts = call('LRANGE', K.conversation_texts(p, args[2]), 0, -1)
  if said then table.insert(texts, 1, said) end
  return {values, texts, call('HGETALL', K.customer(p, values[10]))}
end

end
