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
register('generation_settle', generation_settle)
register('outbox_release', outbox_release)
register('durability_settle', durability_settle)
register('conversation_open', conversation_open)
register('conversation_message', conversation_message)
register('conversation_relay', conversation_relay)
register('conversation_listen', conversation_listen)
register('conversation_handoff', conversation_handoff)
register('conversation_status', conversation_status)
register('conversation_close', conversation_close)
register('conversation_transfer', conversation_transfer)
register('conversation_accept', conversation_accept)
register('conversation_rate', conversation_rate)
register('customer_update', customer_update)
register('customer_forget', customer_forget)
register('shop_emergency', shop_emergency)
register('agent_online', agent_online)
register('agent_pause', agent_pause)
register('agent_offline', agent_offline)
register('agent_heartbeat', agent_heartbeat)
register('event_reject', event_reject)
register('config_prepare', config_prepare, {}) -- a new configuration may well be refused
register('config_apply', config_apply, {})
register('config_settled', config_settled)
register('group_configure', group_configure)
register('group_retire', group_retire)
register('agent_configure', agent_configure)
register('tick', tick)
register('facts_fold', facts_fold)
redis.register_function{
  function_name = LIBRARY .. '_conversation_context', callback = bound(conversation_context), flags = {'no-writes'},
}
