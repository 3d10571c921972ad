-- config: a configuration comes into force. config_apply, group_configure, group_retire, agent_configure,
-- config_settled. The document and its version change in one step; the records of groups and agents follow, each
-- before an event touches it ('behind …'), the rest by the keeper in small steps.

-- config_apply: stores a configuration. args: shop, document, then the settings that functions need (name, value …)
-- replies: {'applied' | 'unchanged', version}. Versions grow over all shops of a shard.
local function config_apply(keys, args)
  local b = shard_base(keys)
  local shop = args[1]
  local config = K.config(b .. shop .. ':')
  local old = call('HMGET', config, 'version', 'document')
  if old[2] == args[2] then return {'unchanged', old[1]} end
  local newest = call('ZRANGE', K.shops(b), -1, -1, 'WITHSCORES')
  local version = whole((tonumber(newest[2]) or 0) + 1)
  call('HSET', config, 'version', version, 'document', args[2], unpack(args, 3))
  call('ZADD', K.shops(b), version, shop)
  return {'applied', version}
end

-- The frame of the functions that bring records up to date: fenced by the lease, not by the position.
-- args: owner, epoch, partition, now, shop, version, then the function's own. replies: 'done' | 'more' | 'fenced' | 'stale'
local SETTLE = 6
local function settle(body)
  return function(keys, args)
    local b = shard_base(keys)
    local held = call('HMGET', K.lease(b, args[3]), 'owner', 'epoch')
    if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end
    local ctx = new_context(b, args[5], args[4], args[6])
    if check_version(ctx) then return 'stale' end
    local reply = body(ctx, args) or 'done'
    send_all(ctx)
    return reply
  end
end

-- group_configure: args: group, then its settings (name, value …). Without settings the configuration has the
-- group no more: its record, if there is one, waits for `group_retire`, and nobody new comes to it.
local group_configure = settle(function(ctx, args)
  local id = args[SETTLE + 1]
  local key = K.group(ctx.p, id)
  if #args == SETTLE + 1 then
    if call('EXISTS', key) == 1 then call('HSET', key, 'version', ctx.version, 'retired', '1') end
    return
  end
  call('HSET', key, 'version', ctx.version, unpack(args, SETTLE + 2))
  call('HDEL', key, 'retired')
  call('ZADD', K.groups(ctx.p), 0, id)
end)

-- group_retire: a group that the configuration has no more. args: group. Who waits there goes to the default
-- group at its old place, FILL_LIMIT at a time ('more').
local group_retire = settle(function(ctx, args)
  local id = args[SETTLE + 1]
  local target = read_group(ctx, ctx.config.default_group)
  if not target or target.version ~= ctx.version then return 'behind group ' .. ctx.config.default_group end
  local waiting = call('ZRANGE', K.wait(ctx.p, id), 0, FILL_LIMIT - 1)
  for i = 1, #waiting do
    local c = read_conversation(ctx, waiting[i])
    local agent, refusal = pick(ctx, target.id, c and c.excluded)
    if refusal then return refusal end
    if c and c.state == 'waiting' and c.group == id then
      move_to_group(ctx, c, target, agent, nil, 'queue')
    else
      call('ZREM', K.wait(ctx.p, id), waiting[i])
    end
  end
  if #waiting == FILL_LIMIT then return 'more' end
  call('DEL', K.group(ctx.p, id), K.ready(ctx.p, id))
  call('ZREM', K.groups(ctx.p), id)
end)

-- agent_configure: args: agent, capacity, groups. An empty list of groups takes the agent out of service.
local agent_configure = settle(function(ctx, args)
  local agent = read_agent(ctx, args[SETTLE + 1])
  if not agent then
    call('ZREM', K.agents(ctx.p), args[SETTLE + 1])
    return
  end
  local target, groups_text = tonumber(args[SETTLE + 2]), args[SETTLE + 3]
  if groups_text == '' and agent.status ~= 'offline' then agent_leaves(ctx, agent) end
  settle_agent(ctx, agent, target, groups_text, false)
  local held = call('ZRANGE', K.agent_open(ctx.p, agent.id), 0, FILL_LIMIT - 1)
  for i = 1, #held do
    local key = K.conversation(ctx.p, held[i])
    local c = call('HMGET', key, 'group', 'spoke', 'spoke_at')
    local timeout = c[1] and tonumber(call('HGET', K.group(ctx.p, c[1]), 'idle_timeout')) or 0
    if c[2] == 'agent' and timeout > 0 then
      call('HSET', key, 'idle_armed', '1')
      arm_idle(ctx, {id = held[i]}, timeout, tonumber(c[3]))
    end
  end
  forget_retired(ctx, agent)
end)

-- config_settled: all records of the shop are of the version in force. args: none
local config_settled = settle(function(ctx) call('HSET', K.config(ctx.p), 'settled', ctx.version) end)
