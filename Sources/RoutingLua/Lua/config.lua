-- config: a configuration comes into force. config_prepare, config_apply, group_configure, group_retire,
-- agent_configure, config_settled. The document and its version change in one step; the records of groups and agents
-- follow, each before an event touches it ('behind …'), the rest by the keeper in small steps.
--
-- No step takes longer where the shop is larger. `Configurations.apply` first writes the document under a name that nobody
-- reads and that goes by itself (`config_to_come`), then has the records of groups marked, some at a time. All this
-- changes nothing: whoever stops here leaves the old configuration in force. Then `config_apply` renames what was written.

local config_prepare, config_apply, group_configure, group_retire, agent_configure, config_settled
do

-- An opening looks at its group's record and at nothing else, so with a new version the records of all groups must be
-- set aside at once. They are marked before: one with `under` holds good only as long as that version is in force
-- (see `read_group`). `group_configure` takes away a mark that has served; one for what is still to come it leaves.

-- config_prepare: marks groups for the configuration that comes after the one in force.
-- args: shop, version in force ('0' for none), groups …: those that have a record, and those that it will have
-- replies: 'prepared' | 'moved' (another version is in force)
-- Each group of the configuration to come has a record from now on, and nobody sees it before (`retired`): who finds
-- none then knows that there is no such group, and who finds one (`new` until it is settled) brings it up to date first.
function config_prepare(keys, args)
  local b = shard_base(keys)
  local p, version = b .. args[1] .. ':', args[2]
  if (call('HGET', K.config(p), 'version') or '0') ~= version then return 'moved' end
  begin_entry(call('HGET', K.lease(b, '0'), 'audit') or '', running, '')
  for i = 3, #args do
    local key = K.group(p, args[i])
    if call('ZADD', K.groups(p), 0, args[i]) == 1 then
      call('HSET', key, 'under', version, 'new', '1', 'retired', '1', 'stamp', '')
    else
      local under = call('HGET', key, 'under')
      if under and under ~= version then
        -- Set aside already by the change before, and not settled since: so it stays.
        call('HSET', key, 'under', version, 'version', '0', 'retired', '0', 'stamp', '')
      elseif not under then
        call('HSET', key, 'under', version, 'stamp', '')
      end
    end
  end
  end_entry(b, 'prepared')
  return 'prepared'
end

-- config_apply: puts in force what was prepared. args: shop, token of what was written, version in force ('0' for none),
--   count of the document's parts (fields `document`, `document:2` …), then the settings that functions need (name, value …; '' for one that is off)
-- replies: {'applied', version} | {'moved'} (another version is in force) | {'gone'} (what was written under the token is not all there)
-- Versions grow over all shops of a shard. What events have written into the old record goes on into the new one.
function config_apply(keys, args)
  local b = shard_base(keys)
  local shop = args[1]
  local p = b .. shop .. ':'
  local config, next_config = K.config(p), K.config_to_come(p, args[2])
  local kept = call('HMGET', config, 'version', 'settled', unpack(EMERGENCY))
  if (kept[1] or '0') ~= args[3] then return {'moved'} end
  if call('HLEN', next_config) ~= tonumber(args[4]) then return {'gone'} end
  local newest = call('ZRANGE', K.shops(b), -1, -1, 'WITHSCORES')
  local version = whole((tonumber(newest[2]) or 0) + 1)
  local fields = {'version', version}
  local function put(name, value)
    if not value or value == '' then return end
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  if args[4] ~= '1' then put('document_parts', args[4]) end
  put('settled', kept[2])
  for i = 1, #EMERGENCY do put(EMERGENCY[i], kept[i + 2]) end
  for i = 5, #args, 2 do put(args[i], args[i + 1]) end
  put('stamp', redis.sha1hex(table.concat(args, '\n', 5))) -- of what `read_config` remembers
  begin_entry(call('HGET', K.lease(b, '0'), 'audit') or '', running, '')
  -- An audit tells what it comes to, since it knows nothing of names that nobody reads.
  note_write(function() return {'DEL', config} end)
  note_write(function() return {'HSET', config, unpack(plain_call('HGETALL', next_config))} end)
  note_write(function() return {'HSET', config, unpack(fields)} end)
  plain_call('HSET', next_config, unpack(fields))
  plain_call('PERSIST', next_config)
  plain_call('RENAME', next_config, config)
  call('ZADD', K.shops(b), version, shop)
  end_entry(b, 'applied')
  return {'applied', version}
end

-- The frame of the functions that bring records up to date: fenced by the lease, not by the position.
-- args: owner, epoch, partition, now, shop, version, then the function's own. replies: 'done' | 'more' | 'fenced' | 'stale'
local SETTLE = 6
local function settle(body)
  return function(keys, args)
    local b = shard_base(keys)
    local held = call('HMGET', K.lease(b, args[3]), 'owner', 'epoch', 'audit', 'held')
    if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end
    holding = held[4]
    local ctx = new_context(gathering(b), args[5], args[4], args[6])
    if check_version(ctx) then return 'stale' end
    if held[3] then begin_entry(held[3], running, head_of_entry(args[3], args[1], args[2], args[4])) end
    local reply = body(ctx, args) or 'done'
    send_all(ctx)
    end_entry(b, reply)
    return reply
  end
end

-- Visits a page of a list of waiting conversations, from this score on: where to go on, or nil at its end. A score is
-- visited again if the page ended within it, so that none of several with one score is left out; there are fewer of those
-- than a page holds, since queue_time gives each of a level a time of its own.
local function visit(ctx, key, from, body)
  local places = call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', 0, FILL_LIMIT)
  for i = 1, #places, 2 do
    local c = read_conversation(ctx, places[i])
    if c and c.state == 'waiting' then body(c) end
  end
  if #places < FILL_LIMIT * 2 then return nil end
  local last = places[#places]
  return last == from and '(' .. last or last
end

-- Writes a page of those who wait, then of those who are parked, in the group's new order: where to go on ('w' or 'p' and
-- a score), or nil. Who has its new place is left alone when the page that it came to is visited.
local function reorder(ctx, group, from)
  local credit = group.credit and whole(group.credit) or nil
  local list, score = sub(from, 1, 1), sub(from, 2)
  local key = list == 'w' and K.wait(ctx.p, group.id) or K.parked(ctx.p, group.id)
  local again = visit(ctx, key, score, function(c)
    if c.credit == credit then return end
    if c.parked_at then
      set(c, 'credit', credit)
      call('ZADD', key, wait_score(c), c.id)
    else
      leave_place(ctx, c)
      take_place(ctx, c, group)
    end
    save_conversation(ctx, c)
  end)
  if again then return list .. again end
  return list == 'w' and 'p-inf' or nil
end

-- What changed in a group holds for those too who wait already: their order, their timers, fresh numbers. The record
-- keeps how far that is (`reorder`, `rearm`), since there may be more of them than one step should take: 'more' | nil.
local function follow(ctx, group, old, record)
  local key = K.group(ctx.p, group.id)
  if group.notify > 0 and old.notify ~= record.notify and call('ZCARD', K.wait(ctx.p, group.id)) > 0 then
    call('ZADD', K.due(ctx.b), 'LT', whole(ctx.t + group.notify), 'notify:' .. ctx.shop .. ':' .. group.id)
  end
  local place, timer = old.reorder, old.rearm
  if old.credit ~= record.credit then place = 'w-inf' end
  if old.overflow ~= record.overflow or old.relax ~= record.relax or old.promote_after ~= record.promote_after then
    timer = '-inf'
  end
  if place then
    place = reorder(ctx, group, place)
  elseif timer then
    timer = visit(ctx, K.wait(ctx.p, group.id), timer, function(c) arm_wait(ctx, c, group) end)
  end
  if not place and not timer then
    if old.reorder or old.rearm then call('HDEL', key, 'reorder', 'rearm') end
    return nil
  end
  call('HSET', key, 'version', '0', 'reorder', place or '', 'rearm', timer or '')
  return 'more'
end

-- group_configure: args: group, then its settings (name, value …; '' for one that is off). Without settings the
-- configuration has the group no more: its record, if there is one, waits for `group_retire`, and nobody new comes to it.
-- What the clock says of the group is among the settings; where that has changed the timer `hours` goes through who waits.
group_configure = settle(function(ctx, args)
  local id = args[SETTLE + 1]
  local key = K.group(ctx.p, id)
  if #args == SETTLE + 1 then
    if call('EXISTS', key) == 0 then return end
    local under = call('HGET', key, 'under')
    call('HSET', key, 'version', ctx.version, 'retired', '1', 'stamp', '')
    if under and under ~= ctx.version then call('HDEL', key, 'under') end
    return
  end
  local old = hash(key)
  local marked = old and old.under and old.under ~= ctx.version
  local pending = old and old.under and not marked
  if old then
    for _, name in ipairs({'reorder', 'rearm'}) do
      if old[name] == '' then old[name] = nil end
    end
  end
  -- Sums of agents who serve it may be all that there is.
  if old and (not old.version or old.new) then old = nil end
  local record = {changed = {}}
  -- First, since it is looked for most.
  set(record, 'stamp', pending and '' or stamp_of(ctx.version, args, SETTLE + 2))
  for i = SETTLE + 2, #args, 2 do
    record[args[i]] = args[i + 1] ~= '' and args[i + 1] or nil
    mark(record, args[i])
  end
  local emergency = call('HMGET', K.config(ctx.p), unpack(EMERGENCY))
  for i = 1, #EMERGENCY do
    record[EMERGENCY[i]] = emergency[i] or nil
    mark(record, EMERGENCY[i])
  end
  record.version = ctx.version
  for _, name in ipairs({'version', 'retired', 'new', marked and 'under' or 'new'}) do mark(record, name) end
  local closing = old and old.open ~= '0' and record.open == '0'
  local opening = old and old.open == '0' and record.open ~= '0'
  save(key, record)
  call('ZADD', K.groups(ctx.p), 0, id)
  ctx.groups[id] = nil
  local group = read_group(ctx, id)
  call('ZADD', K.due(ctx.b), 'NX', whole(ctx.t), 'mend:' .. ctx.shop .. ':' .. id)
  local regards = old and old.manner ~= record.manner
  if closing or regards then call('HSET', key, 'sweep', '0') end
  if closing then call('HSET', key, 'closing', '1') end
  if opening or regards then call('HSET', key, 'sweep_offers', '0') end
  -- A sweep that an earlier call began goes on now, not at the next change of the clock.
  if closing or opening or regards or (old and (old.sweep or old.sweep_offers)) then
    arm(ctx, 'hours', id, ctx.t)
  elseif group['until'] then
    arm(ctx, 'hours', id, tonumber(group['until']))
  end
  return old and follow(ctx, group, old, record)
end)

-- group_retire: a group that the configuration has no more. args: group. Who waits there goes to the default
-- group at its old place, MOVE_STEP at a time ('more').
local MOVE_STEP = 25 -- each is a search for an agent
group_retire = settle(function(ctx, args)
  local id = args[SETTLE + 1]
  local target, refusal = home_group(ctx, ctx.config.default_group)
  if refusal then return refusal end
  for _, list in ipairs({K.wait(ctx.p, id), K.parked(ctx.p, id)}) do
    local waiting = call('ZRANGE', list, 0, MOVE_STEP - 1)
    for i = 1, #waiting do
      local c = read_conversation(ctx, waiting[i])
      if c and c.state == 'waiting' and c.group == id then
        local agent
        if not held_back(target, c.id) then agent, refusal = pick_to_move(ctx, c, target.id) end
        if refusal then return refusal end
        move_to_group(ctx, c, target, agent, nil, 'queue')
      else
        call('ZREM', list, waiting[i])
      end
    end
    if #waiting == MOVE_STEP then return 'more' end
  end
  local offers = call('ZRANGE', K.offer(ctx.p, id), 0, FILL_LIMIT - 1)
  for i = 1, #offers do
    call('ZREM', K.offer(ctx.p, id), offers[i])
    local c = read_conversation(ctx, offers[i])
    if c and c.offered then
      local kept = {}
      for other in gmatch(c.offered, '%S+') do
        if other ~= id then kept[#kept + 1] = other end
      end
      set(c, 'offered', kept[1] and table.concat(kept, ' ') or nil)
      save_conversation(ctx, c)
    end
  end
  if #offers == FILL_LIMIT then return 'more' end
  -- The configuration to come may have it again.
  if call('HGET', K.group(ctx.p, id), 'under') == ctx.version then return end
  call('DEL', K.group(ctx.p, id), K.ready(ctx.p, id), K.busy(ctx.p, id))
  call('ZREM', K.groups(ctx.p), id)
end)

-- agent_configure: args: agent, then its settings as for agent_online. An empty list of groups takes the agent out of service.
agent_configure = settle(function(ctx, args)
  local agent = read_agent(ctx, args[SETTLE + 1])
  if not agent then
    call('ZREM', K.agents(ctx.p), args[SETTLE + 1])
    return
  end
  local settings = agent_settings(args, SETTLE + 2)
  if settings.groups == '' and agent.status ~= 'offline' then agent_leaves(ctx, agent) end
  settle_agent(ctx, agent, settings, false)
  local held = call('ZRANGE', K.agent_open(ctx.p, agent.id), 0, FILL_LIMIT - 1)
  for i = 1, #held do
    local key = K.conversation(ctx.p, held[i])
    local c = call('HMGET', key, 'group', 'spoke', 'spoke_at')
    local timeout = c[1] and tonumber(call('HGET', K.group(ctx.p, c[1]), 'idle_timeout')) or 0
    if c[2] == 'agent' and timeout > 0 then
      call('HSET', key, 'idle_armed', '1')
      arm(ctx, 'idle', held[i], tonumber(c[3]) + timeout)
    end
  end
  forget_retired(ctx, agent)
end)

-- config_settled: all records of the shop are of the version in force. args: none
config_settled = settle(function(ctx) call('HSET', K.config(ctx.p), 'settled', ctx.version) end)

end
