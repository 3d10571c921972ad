/// All mutants. Each is a mistake that somebody could make.
enum Mutants {
  static let all: [Mutant] =
    controls + fence + acknowledgement + leases + conversations + shortcuts + telling + time + durability

  /// One for each fault that convicts mutants.
  private static let controls = [Fault.zombieCalls, .workerKill, .wireRepeat, .scenes, .poison, .deafGateway]
    .map { Mutant(controlFor: $0) }

  private static let fence = [
    Mutant(
      "no test of the owner", by: .zombieCalls,
      "if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end\n  if held[3]",
      "if held[2] ~= args[2] then return 'fenced' end\n  if held[3]"),
    Mutant(
      "no test of the epoch", by: .zombieCalls,
      "if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end\n  if held[3]",
      "if held[1] ~= args[1] then return 'fenced' end\n  if held[3]"),
    Mutant(
      "a later epoch passes for the present one", by: .zombieCalls,
      "if held[1] ~= args[1] or held[2] ~= args[2] then return 'fenced' end\n  if held[3]",
      "if held[1] ~= args[1] or tonumber(args[2]) < tonumber(held[2]) then return 'fenced' end\n  if held[3]"
    ),
    Mutant(
      "no test of the position", by: .zombieCalls, "if held[3] ~= args[3] then return 'position' end", ""),
    Mutant(
      "a later position passes: >= for ==", by: .zombieCalls,
      "if held[3] ~= args[3] then return 'position' end",
      "if tonumber(held[3]) > tonumber(args[3]) then return 'position' end"),
    Mutant(
      "an event is taken off though it was refused", by: .workerKill,
      "    elseif reply ~= 'duplicate' then\n",
      "    elseif reply ~= 'duplicate' and (type(reply) == 'table' or sub(reply, 1, 8) ~= 'rejected') then\n"),
  ]

  private static let acknowledgement = [
    Mutant(
      "no dedupe", by: .wireRepeat, "if seen and number <= seen then", "if false then"),
    Mutant(
      "dedupe misses the last one: < for <=", by: .wireRepeat,
      "if seen and number <= seen then", "if seen and number < seen then"),
    Mutant(
      "a repeat is not acknowledged", by: .wireRepeat,
      "    elseif reply ~= 'duplicate' then\n", "    else\n"),
    Mutant(
      "a repeat sets its source back", by: .wireRepeat, "    if reply == 'committed' then\n      if number",
      "    if number then last[source], first, first_n = number, source, n end\n    if reply == 'committed' then\n      if number"
    ),
    Mutant(
      "sources are never forgotten", by: .scenes,
      "  if fresh > 0 and call('HLEN', lease) > SOURCE_LIMIT + 13 then prune_sources(lease) end\n", ""
    ),
    Mutant(
      "acknowledged outside the commit: the event stays", by: .workerKill,
      "    call('LPOP', inbox)\n", ""),
    Mutant(
      "two events are taken off at once", by: .workerKill, "    call('LPOP', inbox)\n",
      "    call('LPOP', inbox, 2)\n"),
    Mutant(
      "the newest event is taken off, not the oldest", by: .workerKill,
      "    call('LPOP', inbox)\n", "    call('RPOP', inbox)\n"),
    Mutant(
      "the position stays", by: .workerKill,
      "local function acknowledge(b, args, position, count, source, n, others)\n",
      "local function acknowledge(b, args, position, count, source, n, others)\n  position = args[3]\n"),
    Mutant(
      "a call of many events takes one too few off the list", by: .workerKill, ofLargeCalls: true,
      "call('LTRIM', inbox, whole(count), '-1')", "call('LTRIM', inbox, whole(count - 1), '-1')"),
    Mutant(
      "a call of many events takes one too many off the list", by: .workerKill, ofLargeCalls: true,
      "call('LTRIM', inbox, whole(count), '-1')", "call('LTRIM', inbox, whole(count + 1), '-1')"),
    Mutant(
      "sources are forgotten at once", by: .wireRepeat, "local SOURCE_LIMIT = 1024", "local SOURCE_LIMIT = -8"
    ),
  ]

  private static let leases = [
    Mutant(
      "a lease is taken without a look", by: .zombieCalls,
      "if owner ~= args[3] or (l[2] or '0') ~= args[4] or (l[3] or '0') ~= args[5] then return {'moved'} end",
      ""),
    Mutant(
      "the renewal is not watched", by: .zombieCalls,
      " or (l[3] or '0') ~= args[5] then return {'moved'} end",
      " then return {'moved'} end"),
    Mutant(
      "the epoch stays when a lease changes hands", by: .workerKill,
      "local epoch = whole((tonumber(l[2]) or 0) + 1)", "local epoch = whole(max(1, tonumber(l[2]) or 0))"),
    Mutant(
      "the position goes back when a lease changes hands", by: .workerKill,
      "'renewal', '0', 'position', whole(position), 'attempt', '',",
      "'renewal', '0', 'position', whole(max(0, position - 1)), 'attempt', '',"),
    Mutant(
      "workers that ended stay on the list", by: .workerKill, "  call('HDEL', members, args[1])\n", ""),
    Mutant(
      "anybody may release a lease", by: .zombieCalls,
      "if l[1] ~= args[1] or l[2] ~= args[3] then return 'fenced' end\n  begin_lease_entry",
      "begin_lease_entry"),
    Mutant(
      "anybody may mark events", by: .zombieCalls,
      "if l[1] ~= args[1] or l[2] ~= args[3] or l[3] ~= args[4] then return 'fenced' end", ""),
    Mutant(
      "strikes are not counted", by: .poison, "if count == 1 then strikes = strikes + 1 end", ""),
    Mutant(
      "a tick without the lease", by: .zombieCalls,
      "if held[1] ~= args[1] or held[2] ~= args[2] then return {'fenced'} end\n  holding", "holding"),
  ]

  private static let conversations = [
    Mutant(
      "load is not decremented on a transfer", by: .workerKill,
      "  leave_queue(ctx, c)\n  if old then\n    release(ctx, c, old)\n    note(ctx, c, 'transferred', c.group, old.id)\n  end\n  forget_queue(c)",
      "  leave_queue(ctx, c)\n  forget_queue(c)"),
    Mutant(
      "load is not counted when a conversation comes", by: .workerKill,
      "  set(agent, 'load', agent.load + 1)\n", ""),
    Mutant(
      "the last agent of the list is chosen, not the first", by: .workerKill,
      "local ids = call('ZRANGE', key, rank, min(rank + page, limit) - 1)",
      "local ids = call('ZREVRANGE', key, rank, min(rank + page, limit) - 1)"),
    Mutant(
      "load is not decremented at the end", by: .workerKill, "set(agent, 'load', agent.load - 1)",
      "set(agent, 'load', agent.load)"),
    Mutant(
      "an ended conversation stays with its agent", by: .workerKill,
      "  call('ZREM', K.agent_open(ctx.p, agent.id), c.id)\n  unload_agent", "  unload_agent"),
    Mutant(
      "a freed slot is not filled", by: .workerKill, "  if agent then fill(ctx, agent) end", ""),
    Mutant(
      "one more than the capacity", by: .workerKill,
      "return agent.status == 'online' and not agent.ramped and agent.used + units <= agent.capacity",
      "return agent.status == 'online' and not agent.ramped and agent.used + units <= agent.capacity + 1"),
    Mutant(
      "an assigned one stays in the queue", by: .workerKill,
      "          leave_place(ctx, c)\n          local reason",
      "          local reason"),
    Mutant(
      "the queue is served by time alone", by: .scenes,
      "function strict_score(c) return whole((10 - c.level) * BAND + tonumber(c.queued_at)) end",
      "function strict_score(c) return whole(tonumber(c.queued_at)) end"),
    Mutant(
      "the place is lost when an agent goes", by: .scenes, "    set(c, 'waiting_since', ctx.now)\n",
      "    set(c, 'waiting_since', ctx.now)\n    set(c, 'queued_at', queue_time(ctx, c, group))\n"),
  ]

  private static let shortcuts = [
    Mutant(
      "the short way counts no load", by: .workerKill, ofShortcuts: true,
      "local load, used = whole(agent.load + 1), whole(agent.used + 1)",
      "local load, used = whole(agent.load), whole(agent.used + 1)"),
    Mutant(
      "the short way leaves who is full among the ready", by: .workerKill, ofShortcuts: true,
      "  if agent.used < agent.room then\n", "  if agent.used <= agent.room then\n"),
    Mutant(
      "the short way leaves the next one in the queue", by: .scenes, ofShortcuts: true,
      "  call('ZREM', K.wait(ctx.p, group.id), id)\n", ""),
    Mutant(
      "the short way takes the last one of the queue", by: .scenes, ofShortcuts: true,
      "call('ZRANGE', wait, '0', '0')[1]", "call('ZRANGE', wait, -1, -1)[1]"),
    Mutant(
      "the short way leaves an ended one with its agent", by: .workerKill, ofShortcuts: true,
      "  call('ZREM', K.agent_open(p, agent.id), id)\n", ""),
    Mutant(
      "the short way writes before it looks at the agent", by: .workerKill, ofShortcuts: true,
      "  if not agent or agent.used < 1 then return nil end\n",
      "  if not agent or agent.used < 1 then return nil end\n  call('HSET', key, 'state', 'closed')\n"),
  ]

  private static let telling = [
    Mutant(
      "seq counts calls, not commands", by: .workerKill,
      "call('HINCRBY', K.gateways(b), gateway, whole(count)) - count",
      "call('HINCRBY', K.gateways(b), gateway, 1) - 1"),
    Mutant(
      "a command is told twice", by: .workerKill, "  local count = #commands\n",
      """
        local count = #commands
        if kind == 'conversation.closed' then
          commands[count + 1], commands[count + 2], commands[count + 3], commands[count + 4] = gateway, kind, ctx.tail, fields
          count = count + 4
        end

      """),
    Mutant(
      "what timers do is not told", by: .scenes, "          again = due_again\n          send_all(ctx)",
      "          again = due_again"),
    Mutant(
      "an outbox has no bound", by: .deafGateway, "    call('LTRIM', key, -OUTBOX_LIMIT, -1)\n", ""),
    Mutant(
      "a rejected event leaves no letter", by: .workerKill,
      "if call('RPUSH', dead, args[at + 1]) > DEAD_LIMIT then call('LTRIM', dead, -DEAD_LIMIT, -1) end",
      ""),
    Mutant(
      "facts are folded and kept", by: .workerKill, "  call('LTRIM', K.facts(b), count, -1)\n", ""),
    Mutant(
      "a timer fires and stays", by: .scenes, "      call('ZREM', due, member) -- else", "      -- else"),
  ]

  private static let time = [
    Mutant(
      "a timer that is due again is forgotten", by: .scenes,
      "call('ZADD', due, whole(again), member)\n    elseif", "call('ZREM', due, member)\n    elseif"),
    Mutant(
      "a timer without re-check", by: .scenes,
      "  local due = tonumber(c.spoke_at) + timeout\n  if due > ctx.t then return due end",
      "  local due = tonumber(c.spoke_at) + timeout"),
    Mutant(
      "a grace time without re-check", by: .scenes,
      "if not agent or agent.status ~= 'offline' then return end\n  local due = agent.offline_at",
      "if not agent then return end\n  local due = agent.offline_at"),
  ]
}
