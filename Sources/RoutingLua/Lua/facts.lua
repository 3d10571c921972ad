-- facts: what is counted. A commit notes facts while it works and leaves them as one entry of the shard's list
-- `facts`: one call, however many counters they touch. The keeper folds entries into the hourly counters.
--
-- entry: "SHOP AT\n" then one line per fact, "FACT GROUP AGENT VALUE" ('-' for none); a line "@ARMS" holds for the
-- facts behind it: the sampled rules of their conversation, each "+RULE" or "-RULE", separated by tabs.

local FOLD_STEP, note, note_rules, fold_facts, gather_facts, forget_gathered, send_gathered, send_all, facts_fold
do

local FACTS_LIMIT = 10000 -- entries that may wait; a commit that finds as many folds some itself
FOLD_STEP = 200 -- entries folded in one step, fewer where they add to more counters than FOLD_COUNTERS
local FOLD_COUNTERS = 150 -- about a millisecond
local FOLD_PAGE = 20 -- entries looked at together
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

-- The names of a fact's fields, built once: its sum, its buckets (two to each doubling) and for ratings the stars.
local NAMES = {}

local function names_of(fact)
  local names = {sum = fact .. ':sum', prefix = fact == 'rated' and 'rated_' or fact .. ':b'}
  NAMES[fact] = names
  return names
end

local function bucket_of(names, fact, value)
  local bucket = fact == 'rated' and value or floor(2 * math.log(value + 1) / math.log(2) + 1e-9)
  local name = names[bucket]
  if not name then
    name = names.prefix .. whole(bucket)
    names[bucket] = name
  end
  return name
end

-- What a fold adds up: for each shop and hour the fields of its counters, by key; how many fields there are, which is how
-- many calls they will be.
local function new_sums(b) return {b = b, hours = {}, keys = {}, fields = 0} end

local function counters(sums, shop, key)
  local of = {shop = shop, key = key, fields = {}}
  sums.keys[#sums.keys + 1] = of
  return of
end

-- The counters of a shop in an hour, those of its groups, agents, rules and trials among them.
local function hour_of(sums, shop, at)
  local hour = whole(floor(tonumber(at) / HOUR) * HOUR)
  local of = sums.hours[shop .. hour]
  if of then return of end
  local p = sums.b .. shop .. ':'
  of = {shop = shop, hour = hour, p = p, groups = {}, agents = {}, arms = {}, all = counters(sums, shop, K.stats(p, 'shop:' .. hour))}
  sums.hours[shop .. hour] = of
  return of
end

local function counters_of(sums, hour, known, kind, id)
  local of = known[id]
  if not of then
    of = counters(sums, hour.shop, K.stats(hour.p, kind .. ':' .. hour.hour .. ':' .. id))
    known[id] = of
  end
  return of
end

local function add(sums, of, field, amount)
  local fields = of.fields
  local sum = fields[field]
  if not sum then sums.fields = sums.fields + 1 end
  fields[field] = (sum or 0) + amount
end

-- Adds one fact to the counters of one thing that it counts in; `sum` and `bucket` are the fields of its value.
local function add_fact(sums, of, fact, value, sum, bucket)
  local fields, new = of.fields, 0
  local count = fields[fact]
  if not count then count, new = 0, 1 end
  fields[fact] = count + 1
  if value then
    local total, number = fields[sum], fields[bucket]
    if not total then total, new = 0, new + 1 end
    if not number then number, new = 0, new + 1 end
    fields[sum], fields[bucket] = total + value, number + 1
  end
  sums.fields = sums.fields + new
end

-- Adds one entry.
local function add_entry(sums, entry)
  local lines = gmatch(entry, '[^\n]+')
  local shop, at = match(lines() or '', '^(%S+) (%d+)$')
  if not shop then return end
  local hour, arms = hour_of(sums, shop, at), {}
  for line in lines do
    local mark = sub(line, 1, 1)
    if mark == '!' then
      hour.rules = hour.rules or counters(sums, shop, K.stats(hour.p, 'rule:' .. hour.hour))
      add(sums, hour.rules, sub(line, 2), 1)
    elseif mark == '@' then
      arms = {}
      for arm, rule in gmatch(sub(line, 2), '([+-])([^\t]+)') do
        local kind = arm == '+' and 'in' or 'out'
        local of = hour.arms[arm .. rule]
        if not of then
          of = counters(sums, shop, K.stats(hour.p, kind .. ':' .. hour.hour .. ':' .. rule))
          hour.arms[arm .. rule] = of
        end
        arms[#arms + 1] = of
      end
    else
      local fact, group, agent, value = match(line, '^(%S+) (%S+) (%S+) (%S+)$')
      local total, bucket
      if value == '-' then
        value = nil
      else
        local names = NAMES[fact] or names_of(fact)
        value = number_in(value)
        total, bucket = names.sum, bucket_of(names, fact, value)
      end
      add_fact(sums, hour.all, fact, value, total, bucket)
      for i = 1, #arms do add_fact(sums, arms[i], fact, value, total, bucket) end
      if group ~= '-' then
        add_fact(sums, counters_of(sums, hour, hour.groups, 'group', group), fact, value, total, bucket)
      end
      if agent ~= '-' then
        add_fact(sums, counters_of(sums, hour, hour.agents, 'agent', agent), fact, value, total, bucket)
      end
    end
  end
end

-- Adds the sums to the counters in Redis.
local function add_sums(sums)
  local retentions = {}
  for i = 1, #sums.keys do
    local of = sums.keys[i]
    local key, is_new = of.key, false
    for field, amount in pairs(of.fields) do
      if call('HINCRBY', key, field, whole(amount)) == amount then is_new = true end
    end
    -- Who has a counter before has a term, too.
    if is_new then
      local shop = of.shop
      if not retentions[shop] then
        retentions[shop] = call('HGET', K.config(sums.b .. shop .. ':'), 'statistics_retention') or '34560000000'
      end
      call('PEXPIRE', key, retentions[shop], 'NX')
    end
  end
end

-- Folds up to `count` entries into the counters; gives how many, and whether there may be more.
function fold_facts(b, count)
  local sums, folded, more = new_sums(b), 0, true
  while more and folded < count and sums.fields < FOLD_COUNTERS do
    local entries = call('LRANGE', K.facts(b), folded, folded + min(FOLD_PAGE, count - folded) - 1)
    local taken = 0
    while entries[taken + 1] and sums.fields < FOLD_COUNTERS do
      taken = taken + 1
      add_entry(sums, entries[taken])
    end
    folded, more = folded + taken, taken < #entries or #entries == FOLD_PAGE
  end
  if folded == 0 then return 0, false end
  add_sums(sums)
  call('LTRIM', K.facts(b), folded, -1)
  return folded, more
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
