-- people_register: plain names, for people and gateways.

local function register_reader(name, body)
  redis.register_function{function_name = name, callback = bound(body), flags = {'no-writes'}}
end

register_reader('fl_queue', fl_queue)
register_reader('fl_agents', fl_agents)
register_reader('fl_conversation', fl_conversation)
register_reader('fl_groups', fl_groups)
register_reader('fl_shops', fl_shops)
register_reader('fl_outboxes', fl_outboxes)
register_reader('fl_check', fl_check)
redis.register_function('fl_push', bound(fl_push))
