-- choose: which agent of a group a conversation may and shall have. Only looks; nothing is written here.

local LOOK_LIMIT, PAGE, unsuitable, has_room_for, pick, pick_to_move, pick_least_loaded, pick_anywhere
do

-- How far a list is searched past those who do not suit: a conversation that asks for a rare skill stays longer
-- with the next one who comes than the search costs everybody else.
LOOK_LIMIT = 1000
local COMPARE_LIMIT = 256 -- agents compared where the list's own order is not the one that is wanted
PAGE = 16

-- Whether nobody but this agent has been online in the groups in question, for longer than `dedicated.wait`.
local function is_alone(ctx, c, agent)
  local since = 0
  for id in gmatch(c.group .. ' ' .. (c.offered or ''), '%S+') do
    local group = call('HMGET', K.group(ctx.p, id), 'online', 'changed_at')
    local others = (tonumber(group[1]) or 0) - (serves(agent, id) and agent.status == 'online' and 1 or 0)
    if others > 0 then return false end
    since = max(since, tonumber(group[2]) or 0)
  end
  return ctx.t - since > ctx.config.dedicated_wait
end

local function has_skills(c, agent)
  if not c.skills then return true end
  local able = parse_numbers(agent.skills)
  for name, minimum in gmatch(c.skills, '([^ :]+):(%d+)') do
    if (able[name] or 0) < tonumber(minimum) then return false end
  end
  return true
end

-- Why an agent does not suit a conversation, whatever its room: excluded | avoided | unskilled, or nil.
function unsuitable(ctx, c, agent)
  if c.excluded == agent.id then return 'excluded' end
  if not has_skills(c, agent) then return 'unskilled' end
  if has_name(c.avoid, agent.id) and not is_alone(ctx, c, agent) then return 'avoided' end
end

function has_room_for(c, agent, group_id)
  return fits(agent, group_of(agent, group_id), units_for(c, agent, group_id))
end

local function less(one, other)
  for i = 1, #one do
    if one[i] ~= other[i] then return one[i] < other[i] end
  end
  return false
end

-- Goes through a list of agents in its order, page by page, and gives each to `look(agent)`, which gives true to end
-- the search. The records must be of the configuration in force, or else a lowered capacity would be overrun:
-- refusal | nil. The first page is one agent: mostly the best one will do.
local function each_agent(ctx, key, limit, look)
  local rank, page = 0, 1
  while rank < limit do
    local ids = call('ZRANGE', key, rank, min(rank + page, limit) - 1)
    for i = 1, #ids do
      local agent = read_agent(ctx, ids[i])
      if agent.version ~= ctx.config.version then return 'behind agent ' .. ids[i] end
      if look(agent) then return nil end
    end
    if #ids < page then return nil end
    rank, page = rank + page, PAGE
  end
end

-- The agent of the group who has room and comes first: agent | nil, refusal, number passed over.
function pick(ctx, c, group_id)
  local best, rank, passed = nil, nil, 0
  local prefers = c.prefer == 'most-skilled'
  local refusal = each_agent(ctx, K.ready(ctx.p, group_id), prefers and COMPARE_LIMIT or LOOK_LIMIT, function(agent)
    if unsuitable(ctx, c, agent) or not has_room_for(c, agent, group_id) then
      passed = passed + 1
      return false
    end
    if not prefers then
      best = agent
      return true
    end
    local new = {-group_of(agent, group_id).skill, load_score(agent), agent.id}
    if not best or less(new, rank) then best, rank = agent, new end
  end)
  if refusal then return nil, refusal end
  return best, nil, passed
end

-- The same for a conversation that leaves its group for this one: it is looked at as if it stood there already.
function pick_to_move(ctx, c, group_id)
  if c.group == group_id and not c.offered then return pick(ctx, c, group_id) end
  return pick(ctx, setmetatable({group = group_id, offered = false}, {__index = c}), group_id)
end

-- For a returning customer: the least loaded who accepts, above capacity unless `with_room`: agent | nil, refusal.
function pick_least_loaded(ctx, c, group_id, with_room)
  local best, rank
  local function look(agent)
    if unsuitable(ctx, c, agent) or (with_room and not has_room_for(c, agent, group_id)) then return false end
    local new = {load_score(agent), agent.id}
    if not best or less(new, rank) then best, rank = agent, new end
  end
  local refusal = each_agent(ctx, K.ready(ctx.p, group_id), COMPARE_LIMIT, look)
  if not refusal then refusal = each_agent(ctx, K.busy(ctx.p, group_id), COMPARE_LIMIT, look) end
  if refusal then return nil, refusal end
  return best
end

-- The agent that the conversation waits for, if it may and can have it: agent | nil, refusal, group. Whom a customer
-- asked for has it, as it would have had at once.
local function pick_wanted(ctx, c)
  local agent = read_agent(ctx, c.only)
  if not agent then return nil end
  if agent.version ~= ctx.config.version then return nil, 'behind agent ' .. c.only end
  if c.only_reason ~= 'requested' and unsuitable(ctx, c, agent) then return nil end
  if has_room_for(c, agent, c.group) then return agent, nil, c.group end
end

-- The first agent over the groups in question, home first: agent | nil, refusal, group.
function pick_anywhere(ctx, c)
  if c.only then return pick_wanted(ctx, c) end
  for id in gmatch(c.group .. ' ' .. (c.offered or ''), '%S+') do
    local group = read_group(ctx, id)
    local refusal = group and check_group(ctx, group, id)
    if refusal then return nil, refusal end
    -- Who was left to agents and supervisors stays so in the group where it was; a closed group takes nobody new.
    local home = id == c.group
    if group and not held_back(group, c.id) and not (c.manual and home) and (home or group.open ~= '0') then
      local agent
      agent, refusal = pick(ctx, c, id)
      if agent or refusal then return agent, refusal, id end
    end
  end
end

end
