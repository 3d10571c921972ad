-- facts: what is counted. A commit notes facts while it works and leaves them as one entry of the shard's list
-- `facts`: one call, however many counters they touch. The keeper folds entries into the hourly counters.
--
-- entry: "SHOP AT\n" then one line per fact, "FACT GROUP AGENT VALUE" ('-' for none); a line "@ARMS" holds for the
-- facts behind it: the sampled rules of their conversation, each "+RULE" or "-RULE", separated by tabs.

local FOLD_STEP, note, note_rules, fold_facts, gather_facts, forget_gathered, send_gathered, send_all, facts_fold
do

local FACTS_LIMIT = 10000 -- entries that may wait; a commit that finds as many folds some itself
FOLD_STEP = 40 -- entries folded in one step, fewer where they add to more counters than FOLD_COUNTERS
local FOLD_COUNTERS = 100 -- half a millisecond
local HOUR = 3600000

-- Notes a fact of a conversation (nil for none).
function note(ctx, c, fact, group, agent, value)
  local facts = ctx.facts
  local arms = c and c.arms or ''
  if arms ~= (ctx.arms or '') then
    facts[#facts + 1] = '@' .. arms
    ctx.arms = arms
  end
  facts[#facts + 1] = fact .. ' ' .. (group or '-') .. ' ' .. (agent or '-') .. ' ' .. (value and whole(value) or '-')
end

-- Notes the rules that matched, those with `continue` too; not again those that did at an earlier look (`rule`,
-- `continued`). A name may hold anything but control characters.
function note_rules(ctx, c, rule, continued)
  local earlier = '\t' .. (continued or '') .. '\t'
  for name in gmatch(c.continued or '', '[^\t]+') do
    if not find(earlier, '\t' .. name .. '\t', 1, true) then ctx.facts[#ctx.facts + 1] = '!' .. name end
  end
  if c.rule and c.rule ~= rule then ctx.facts[#ctx.facts + 1] = '!' .. c.rule end
end

local counters -- that the fold at hand adds to: each is a call

local function add(sums, key, field, amount)
  local fields = sums[key]
  if not fields then
    fields = {}
    sums[key] = fields
  end
  if not fields[field] then counters = counters + 1 end
  fields[field] = (fields[field] or 0) + amount
end

-- Adds one fact to the counters of everything that it counts in.
local function add_fact(sums, keys, fact, value)
  for i = 1, #keys do
    local key = keys[i]
    add(sums, key, fact, 1)
    if value then
      add(sums, key, fact .. ':sum', value)
      if fact == 'rated' then
        add(sums, key, 'rated_' .. value, 1)
      else
        add(sums, key, fact .. ':b' .. floor(2 * math.log(value + 1) / math.log(2) + 1e-9), 1)
      end
    end
  end
end

-- Adds one entry; `shops` learns whose each counter is.
local function add_entry(b, sums, shops, entry)
  local lines = gmatch(entry, '[^\n]+')
  local shop, at = match(lines() or '', '^(%S+) (%d+)$')
  if not shop then return end
  local p = b .. shop .. ':'
  local hour = whole(floor(tonumber(at) / HOUR) * HOUR)
  local arms = {}
  local function key_of(rest)
    local key = K.stats(p, rest)
    shops[key] = shop
    return key
  end
  for line in lines do
    local mark = sub(line, 1, 1)
    if mark == '!' then
      add(sums, key_of('rule:' .. hour), sub(line, 2), 1)
    elseif mark == '@' then
      arms = {}
      for arm, rule in gmatch(sub(line, 2), '([+-])([^\t]+)') do
        arms[#arms + 1] = key_of((arm == '+' and 'in:' or 'out:') .. hour .. ':' .. rule)
      end
    else
      local fact, group, agent, value = match(line, '^(%S+) (%S+) (%S+) (%S+)$')
      local keys = {key_of('shop:' .. hour), unpack(arms)}
      if group ~= '-' then keys[#keys + 1] = key_of('group:' .. hour .. ':' .. group) end
      if agent ~= '-' then keys[#keys + 1] = key_of('agent:' .. hour .. ':' .. agent) end
      add_fact(sums, keys, fact, tonumber(value))
    end
  end
end

-- Folds up to `count` entries into the counters; gives how many, and whether there may be more.
function fold_facts(b, count)
  local entries = call('LRANGE', K.facts(b), 0, count - 1)
  if not entries[1] then return 0, false end
  local sums, shops, folded = {}, {}, 0
  counters = 0
  while entries[folded + 1] and counters < FOLD_COUNTERS do
    folded = folded + 1
    add_entry(b, sums, shops, entries[folded])
  end
  local retentions = {}
  for key, fields in pairs(sums) do
    local is_new = false
    for field, amount in pairs(fields) do
      if call('HINCRBY', key, field, amount) == amount then is_new = true end
    end
    -- Who has a counter before has a term, too.
    if is_new then
      local shop = shops[key]
      if not retentions[shop] then
        retentions[shop] = call('HGET', K.config(b .. shop .. ':'), 'statistics_retention') or '34560000000'
      end
      call('PEXPIRE', key, retentions[shop], 'NX')
    end
  end
  call('LTRIM', K.facts(b), folded, -1)
  return folded, folded < #entries or #entries == count
end

-- What a step has noted becomes one entry.
function gather_facts(ctx)
  if not ctx.facts[1] then return end
  local facts = ctx.gathered.facts
  facts[#facts + 1] = ctx.shop .. ' ' .. ctx.now .. '\n' .. table.concat(ctx.facts, '\n')
  ctx.facts, ctx.arms = {}, nil
end

-- A step was refused or has failed: nothing of what it gathered counts, only what was there before.
function forget_gathered(gathered, ctx, commands, facts)
  for i = #gathered.commands, commands + 1, -1 do gathered.commands[i] = nil end
  for i = #gathered.facts, facts + 1, -1 do gathered.facts[i] = nil end
  ctx.facts, ctx.arms = {}, nil
end

-- What the steps leave behind them: commands and facts.
function send_gathered(gathered)
  send_commands(gathered)
  local facts = gathered.facts
  if not facts[1] then return end
  local length = call('RPUSH', K.facts(gathered.b), unpack(facts))
  gathered.facts = {}
  while length > FACTS_LIMIT do length = length - fold_facts(gathered.b, FOLD_STEP) end
end

-- The same for one who works by itself, beside the events.
function send_all(ctx)
  gather_facts(ctx)
  send_gathered(ctx.gathered)
end

-- facts_fold: folds some entries; for who wants to see the counters now. replies: how many
function facts_fold(keys)
  local b = shard_base(keys)
  begin_entry(call('HGET', K.lease(b, '0'), 'audit') or '', running, '')
  local folded = fold_facts(b, FOLD_STEP)
  end_entry(b, 'folded')
  return folded
end

end
