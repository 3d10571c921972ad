-- placement: a conversation meets an agent. Guarantees 4 and 5 live here: load and held conversations change together,
-- and nobody waits beside an agent who has room.
--
-- `assign`, `release`, `fill` write and cannot fail; what they need was found before the first write.

local FILL_LIMIT, waited, OF_WAITING, assign, release, park, is_silent, fill
do

FILL_LIMIT = 100 -- conversations that one step gives to one agent; a timer goes on with the rest

-- What a wait was worth: whole milliseconds, as text.
function waited(ctx, c)
  return c.waiting_since and whole(max(0, ctx.t - tonumber(c.waiting_since))) or '0'
end

local function note_assignment(ctx, c, agent, reason)
  local ms = tonumber(c.waited_ms)
  note(ctx, c, 'assigned', c.group, agent.id, ms)
  if c.estimate then
    local estimate = tonumber(c.estimate) * 1000
    note(ctx, c, 'estimated', c.group, nil, estimate)
    note(ctx, c, 'estimate_error', c.group, nil, math.abs(estimate - ms))
  end
  if reason == 'overflow' then note(ctx, c, 'overflowed', c.group) end
end

OF_WAITING = {'waiting_since', 'excluded', 'excluded_until', 'only', 'only_reason', 'only_until', 'offered', 'steps',
  'promoted', 'relaxed', 'estimate', 'told', 'look_at', 'sign_at', 'parked_at', 'manual', 'credit', 'spoke', 'spoke_at',
  'misses', 'idle_armed', 'requested', 'dedicated'}

-- Gives the conversation to the agent; the caller saves the agent afterwards. The conversation's old
-- place must have been left, its fields `group` and `level` be those that it shall have.
function assign(ctx, c, agent, reason)
  local ms = waited(ctx, c)
  set(c, 'state', 'active')
  set(c, 'agent', agent.id)
  set(c, 'waited_ms', ms)
  set(c, 'reason', reason)
  note_assignment(ctx, c, agent, reason)
  forget_texts(ctx, c)
  clear(c, OF_WAITING)
  set(c, 'assigned_at', ctx.now)
  local group = read_group(ctx, c.group)
  local units = units_for(c, agent, c.group)
  set(c, 'units', units > 1 and whole(units) or nil)
  -- An audit judges an assignment by what is saved with it, so that is whole even where it is as it was.
  mark(c, 'group')
  mark(c, 'reason')
  if units > 1 then mark(c, 'units') end
  set(c, 'response_alert', group and group.response_alert > 0 and whole(group.response_alert) or nil)
  if group and group.answer_within > 0 then arm(ctx, 'answer', c.id, ctx.t + group.answer_within) end
  load_agent(ctx, agent, c.group, units)
  call('ZADD', K.agent_open(ctx.p, agent.id), strict_score(c), c.id)
  local fields = assigned_fields(c)
  emit(ctx, c.gateway, 'conversation.assigned', head(c, 'customer') .. fields)
  emit(ctx, agent.gateway, 'conversation.assigned', head(c, 'agent') .. fields
    .. (c.note and ',"note":' .. cjson.encode(c.note) or ''))
  set(c, 'answered_at', nil)
  if c.greeted then
    -- Somebody had it before: the agent's answer is measured from here.
    set(c, 'asked_at', ctx.now)
  else
    set(c, 'greeted', '1')
    reply(ctx, c, 'greeting', ctx.config.greeting)
  end
  save_conversation(ctx, c)
end

-- Takes the conversation from its agent; the caller fills and saves the agent afterwards. The record keeps who
-- it was until another has it or it waits again: a closed one tells who served it.
function release(ctx, c, agent, wrapped)
  call('ZREM', K.agent_open(ctx.p, agent.id), c.id)
  unload_agent(ctx, agent, c, wrapped)
  set(c, 'slow', nil)
  set(c, 'unanswered_since', nil)
end

-- The lists in which an agent finds what waits for it.
local function new_source(key) return {key = key, rank = 0, at = 0, page = {}, loaded = {}} end

local function sources_of(ctx, agent)
  local sources = {}
  for i = 1, #agent.groups do
    local id = agent.groups[i].id
    sources[#sources + 1] = new_source(K.wait(ctx.p, id))
    sources[#sources + 1] = new_source(K.offer(ctx.p, id))
  end
  if agent.wanted then
    local key = K.agent_wanted(ctx.p, agent.id)
    sources[#sources + 1] = new_source(key)
    if call('EXISTS', key) == 0 then set(agent, 'wanted', nil) end
  end
  return sources
end

-- The head of a source that has not been passed by: conversation, score. The first page is one place, since mostly it will do.
local function head_of(source, done)
  while true do
    local id = source.page[source.at + 1]
    if id and not done[id] then return id, tonumber(source.page[source.at + 2]) end
    if id then
      source.at = source.at + 2
    else
      if source.ended or source.rank >= LOOK_LIMIT then return nil end
      local size = source.rank == 0 and 1 or PAGE
      source.page = call('ZRANGE', source.key, source.rank, source.rank + size - 1, 'WITHSCORES')
      source.at, source.ended = 0, #source.page < size * 2
      source.rank = source.rank + size
      for i = 1, #source.page, 2 do source.loaded[source.page[i]] = true end
    end
  end
end

-- The best that has not been passed by, over all sources: conversation, source. A tie goes to the lesser id, as within one list.
local function best_of(sources, done)
  local best, best_score, best_source
  for i = 1, #sources do
    local id, score = head_of(sources[i], done)
    if id and (not best or score < best_score or (score == best_score and id < best)) then
      best, best_score, best_source = id, score, sources[i]
    end
  end
  return best, best_source
end

-- Out of the list for so long as nothing is heard from it: its turn came and nobody was there.
function park(ctx, c, group)
  leave_place(ctx, c)
  set(c, 'parked_at', ctx.now)
  call('ZADD', K.parked(ctx.p, c.group), wait_score(c), c.id)
  arm_wait(ctx, c, group)
  save_conversation(ctx, c)
end

-- Whether nothing was heard from a waiting customer for too long.
function is_silent(ctx, c, group)
  return group and group.silent_after > 0 and ctx.t - (tonumber(c.sign_at) or ctx.t) > group.silent_after
end

-- In which group the agent would have a waiting conversation, its own before those that it is offered to; nil if in none.
-- It does not matter in which list it was found: it stands in several.
local function group_for(ctx, c, agent)
  if c.only and c.only ~= agent.id then return nil end
  -- Whom a customer asked for it has, as it would have had at once.
  if c.only_reason ~= 'requested' and unsuitable(ctx, c, agent) then return nil end
  if not c.manual and (c.only or serves(agent, c.group)) and has_room_for(c, agent, c.group) then return c.group end
  for id in gmatch(c.offered or '', '%S+') do
    local other = serves(agent, id) and has_room_for(c, agent, id) and read_group(ctx, id)
    if other and other.open ~= '0' and not held_back(other, c.id) then return id end
  end
end

-- Gives a free agent what waits for it, best first, and saves the agent. `settle_agent` sees to it that no
-- agent has room for more than FILL_LIMIT beside a queue. When `mending`, those who keep away from somebody are left
-- out: time alone brings them together, and their timer sees to that.
function fill(ctx, agent, mending)
  local sources, done = nil, {}
  while agent.status == 'online' and not agent.ramped and agent.used < agent.capacity do
    sources = sources or sources_of(ctx, agent)
    local id, source = best_of(sources, done)
    if not id then break end
    done[id] = true
    local c = read_conversation(ctx, id)
    if not c or c.state ~= 'waiting' then
      call('ZREM', source.key, id) -- a place without a conversation behind it
    else
      local group = not (mending and c.avoid) and group_for(ctx, c, agent)
      if group then
        local home = read_group(ctx, c.group)
        if is_silent(ctx, c, home) then
          park(ctx, c, home)
        else
          leave_place(ctx, c)
          local reason = c.only_reason or (group ~= c.group and 'overflow') or 'queue'
          explain(ctx, c, 'group=' .. group .. ' step=' .. reason .. ' agent=' .. agent.id)
          set(c, 'group', group)
          assign(ctx, c, agent, reason)
        end
        -- Places behind the one that left have moved up by one.
        for i = 1, #sources do
          if sources[i].loaded[id] then sources[i].rank = sources[i].rank - 1 end
        end
      end
    end
  end
  save_agent(ctx, agent)
end

end
