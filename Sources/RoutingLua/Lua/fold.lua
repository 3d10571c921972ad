-- fold: facts become counters. facts_count, facts_fold.
--
-- The keeper's worker reads the oldest entries and the counters that they add to, sums up (`FactSums.swift`) and has the
-- totals written here: one call for each hash of counters, where adding takes one for each field. Where it does not keep up, a
-- commit that finds too many folds some itself.

local fold_facts, facts_count, facts_fold
do

local FOLD_STEP = 200 -- entries folded in one step, fewer where they add to more counters than FOLD_COUNTERS
local FOLD_COUNTERS = 150 -- about a millisecond
local FOLD_PAGE = 20 -- entries looked at together
local HOUR = 3600000

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

-- Who has a counter before has a term, too.
local function give_term(b, key, shop, retentions)
  if not retentions[shop] then
    retentions[shop] = call('HGET', K.config(b .. shop .. ':'), 'statistics_retention') or '34560000000'
  end
  call('PEXPIRE', key, retentions[shop], 'NX')
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
    if is_new then give_term(sums.b, key, of.shop, retentions) end
  end
end

-- Takes the oldest entries off, and counts them: by that a worker knows that those it has looked at are still the oldest.
local function take_off(b, count)
  call('LTRIM', K.facts(b), count, -1)
  call('HINCRBY', K.lease(b, '0'), 'folded', count)
end

-- Folds some entries into the counters; gives how many.
function fold_facts(b)
  local sums, folded, more = new_sums(b), 0, true
  while more and folded < FOLD_STEP and sums.fields < FOLD_COUNTERS do
    local entries = call('LRANGE', K.facts(b), folded, folded + FOLD_PAGE - 1)
    local taken = 0
    while entries[taken + 1] and sums.fields < FOLD_COUNTERS do
      taken = taken + 1
      add_entry(sums, entries[taken])
    end
    folded, more = folded + taken, taken < #entries or #entries == FOLD_PAGE
  end
  if folded == 0 then return 0 end
  add_sums(sums)
  take_off(b, folded)
  return folded
end

-- facts_count: writes what counters come to with the oldest entries, and takes these off.
-- args: owner, epoch (of partition 0), how many entries were folded ever before, how many these are, then for each counters'
--   key: shop, kind and the rest of its name ('group:HOUR:ID'), how many words follow, field, total …
-- replies: 'counted' | 'fenced' | 'moved' (others have folded meanwhile, and so the totals are not right any more)
function facts_count(keys, args)
  local b = shard_base(keys)
  local held = call('HMGET', K.lease(b, '0'), 'owner', 'epoch', 'folded', 'audit')
  if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end
  if (held[3] or '0') ~= args[3] then return 'moved' end
  begin_entry(held[4] or '', running, head_of_entry('0', args[1], args[2]))
  local retentions, at = {}, 5
  while args[at] do
    local shop, first = args[at], at + 3
    local key = K.stats(b .. shop .. ':', args[at + 1])
    at = first + number_in(args[at + 2])
    if call('HSET', key, unpack(args, first, at - 1)) > 0 then give_term(b, key, shop, retentions) end
  end
  take_off(b, tonumber(args[4]))
  end_entry(b, 'folded')
  return 'counted'
end

-- facts_fold: folds some entries; for who wants to see the counters now. replies: how many
function facts_fold(keys)
  local b = shard_base(keys)
  begin_entry(call('HGET', K.lease(b, '0'), 'audit') or '', running, '')
  local folded = fold_facts(b)
  end_entry(b, 'folded')
  return folded
end

end
