-- register: the names under which workers call the functions: `fl_<hash>_NAME`.

-- `allow-oom`: when gateways have used up the memory, what lies in the lists must still be worked off, or there would never
-- be room again. What a step leaves behind has bounds; gateways' pushes are refused meanwhile.
local function register(name, body, flags)
  redis.register_function{
    function_name = LIBRARY .. '_' .. name, callback = bound(body, name), flags = flags or {'allow-oom'},
  }
end

register('member_beat', member_beat)
register('member_drop', member_drop)
register('member_leave', member_leave)
register('lease_take', lease_take)
register('lease_release', lease_release)
register('lease_attempt', lease_attempt)
register('commit', commit)
register('generation_settle', generation_settle)
register('outbox_release', outbox_release)
register('durability_settle', durability_settle)
register('config_prepare', config_prepare, {}) -- a new configuration may well be refused
register('config_apply', config_apply, {})
register('config_settled', config_settled)
register('group_configure', group_configure)
register('group_retire', group_retire)
register('agent_configure', agent_configure)
register('tick', tick)
register('facts_fold', facts_fold)
register('facts_count', facts_count)
redis.register_function{
  function_name = LIBRARY .. '_conversation_context', callback = bound(conversation_context), flags = {'no-writes'},
}
