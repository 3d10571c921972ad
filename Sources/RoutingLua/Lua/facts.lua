-- facts: what is counted. A commit notes facts while it works and leaves them as one entry of the shard's list
-- `facts`: one call, however many counters they touch. They are folded into the hourly counters later (`fold.lua`).
--
-- entry: "SHOP AT\n" then one line per fact, "FACT GROUP AGENT VALUE" ('-' for none); a line "@ARMS" holds for the
-- facts behind it: the sampled rules of their conversation, each "+RULE" or "-RULE", separated by tabs.

local note, note_rules, gather_facts, forget_gathered, send_gathered, send_all
do

local FACTS_LIMIT = 10000 -- entries that may wait; a commit that finds as many folds some itself

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
  while length > FACTS_LIMIT do length = length - fold_facts(gathered.b) end
end

-- The same for one who works by itself, beside the events.
function send_all(ctx)
  gather_facts(ctx)
  send_gathered(ctx.gathered)
end

end
