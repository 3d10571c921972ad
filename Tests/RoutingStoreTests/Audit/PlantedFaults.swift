import RoutingAudit
import Testing

/// Faults of states, choices, commands, and of the record itself.
extension PlantedFaultTests.Fault {
  static let ofLoad: [Self] = [
    Self("the load stays when a conversation ends", .load, "agent a of s has load 3") { run in
      try run.setField(try run.index("conversation_close", ":agent:a"), ":agent:a", "load", "3")
    },
    Self("the slot of a conversation that ended stays used", .load, "agent a of s uses 3") { run in
      try run.setField(try run.index("conversation_close", ":agent:a"), ":agent:a", "used", "3")
    },
    Self("units are counted in another group", .load, "what it holds comes to") { run in
      try run.setField(try run.index("conversation_open", ":c1"), ":agent:a", "spread", "h:1")
    },
    Self("more than the capacity", .load, "agent a of s uses 2 of 1") { run in
      try run.setField(try run.index("agent_online", ":agent:a"), ":agent:a", "capacity", "1")
    },
    Self("a transferred conversation stays with its old agent", .load, "agent b of s holds c2") { run in
      try run.rewrite(try run.index("conversation_transfer"), "ZREM", ":agent:b:open") { _ in nil }
    },
    Self("an active conversation that nobody holds", .load, "who does not hold it") { run in
      try run.rewrite(try run.index("conversation_open", ":c1"), "ZADD", ":agent:a:open") { _ in nil }
    },
    Self("a group counts an agent too many", .load, "group g of s counts 3 online") { run in
      let index = try run.index("agent_online", ":agent:b")
      try run.setField(index, ":group:g", "online", "3")
    },
  ]

  static let ofQueues: [Self] = [
    Self("waiting but in no queue", .queues, "c4 of s waits and is not in") { run in
      try run.rewrite(try run.index("conversation_open", ":c4"), "ZADD", ":wait:g") { _ in nil }
    },
    Self("in the queue but not waiting", .queues, "c5 of s is active and stands in") { run in
      try run.rewrite(try run.index("conversation_close", ":agent:a"), "ZREM", ":wait:g") { _ in nil }
    },
    Self("at a place that is not its own", .queues, "c4 of s has another place") { run in
      try run.rewrite(try run.index("conversation_open", ":c4"), "ZADD", ":wait:g") {
        [$0[0], $0[1], "7", $0[3]]
      }
    },
    Self("who left is still in the queue", .queues, "c6 of s is closed and stands in") { run in
      try run.rewrite(try run.index("conversation_close", ":conv:c6"), "ZREM", ":wait:g") { _ in nil }
    },
    Self("a later one is taken from the queue", .queues, "took c4 from the queues before c5") { run in
      let index = try run.index("conversation_close", ":agent:a")
      run.rename(index, "c5", "c4")
    },
    Self(
      "one that does not wait is taken from the queue", .queues, "took c2 from the queues, which was active"
    ) { run in
      let index = try run.index("conversation_close", ":agent:a")
      run.rename(index, "c5", "c2")
    },
    Self("another agent than the best", .queues, "c1 was given to b and not to a") { run in
      run.rename(try run.index("conversation_open", ":c1"), "a", "b")
    },
    Self("an agent who is not ready", .queues, "c2 was given to c, who was not in") { run in
      run.rename(try run.index("conversation_open", ":c2"), "b", "c")
      let online = try run.index("agent_online", ":agent:b")
      var other = run.entries[online]
      other.writes = other.writes.filter { $0[1].hasSuffix(":agent:b") }
      run.entries[online].writes.append(
        contentsOf: other.writes.map { [$0[0], $0[1].dropLast() + "c"] + $0.dropFirst(2) })
    },
    Self("a free agent gets nothing from the queue", .queues, "has room beside c5") { run in
      let index = try run.index("conversation_close", ":agent:a")
      let kept = run.entries[index].writes.prefix { !($0[0] == "ZREM" && $0[1].hasSuffix(":wait:g")) }
      let tag = run.tag
      // It ends, and the agent is free; nothing is taken.
      run.entries[index].writes =
        kept + [
          ["HSET", tag + ":s:agent:a", "load", "1", "used", "1", "spread", "g:1"],
          ["ZREM", tag + ":s:busy:g", "a"], ["ZADD", tag + ":s:ready:g", "1", "a"],
          ["LPOP", tag + ":in:0"],
        ]
    },
    Self("a customer waits beside a free agent", .queues, "c1 of s waits beside a") { run in
      let index = try run.index("conversation_open", ":c1")
      let opened = try run.index("conversation_open", ":c4")
      run.entries[index].writes = run.entries[opened].writes
      run.rename(index, "c4", "c1")
    },
    Self("a ready agent is not in the list", .queues, "agent b of s can take one more, and is not in") {
      run in
      try run.rewrite(try run.index("agent_online", ":agent:b"), "ZADD", ":ready:g") { _ in nil }
    },
    Self("a full agent is in the list", .queues, "agent a of s cannot take one more, and is in") { run in
      try run.rewrite(try run.index("conversation_open", ":c3"), "ZREM", ":ready:g") { _ in nil }
    },
  ]

  static let ofCommands: [Self] = [
    Self("a command is lost", .commands, "gateway w never got commands 2 to 2") {
      $0.evidence.outboxes["w"]?.remove(at: 1)
    },
    Self("the last commands are lost", .commands, "gateway w never got commands") {
      $0.evidence.outboxes["w"]?.removeLast(3)
    },
    Self("a command is not written", .commands, "gateway w was sent command 3 after 1") { run in
      let index = try #require(
        run.entries.firstIndex { $0.writes.contains { $0.contains { $0.hasPrefix(#"{"seq":2,"#) } } })
      try run.rewrite(index, "RPUSH", ":out:w") { $0.filter { !$0.hasPrefix(#"{"seq":2,"#) } }
    },
    Self("two commands change places", .commands, "got command 2 after 3") {
      $0.evidence.outboxes["w"]?.swapAt(1, 2)
    },
    Self("a command without its commit", .commands, "got what no entry wrote") {
      $0.evidence.taken["w"] = [Array(#"{"seq":9999,"type":"alert"}"#.utf8)]
    },
    Self("a gateway that nobody wrote to", .commands, "got what no entry wrote") {
      $0.evidence.taken["x"] = [Array(#"{"seq":1,"type":"alert"}"#.utf8)]
    },
    Self("a command with another text", .commands, "got command 2 otherwise than written") { run in
      let text = run.evidence.outboxes["w"]?[1] ?? []
      run.evidence.outboxes["w"]?[1] = text.dropLast() + Array(#","more":1}"#.utf8)
    },
    Self("a number is given twice", .commands, "was sent command 2 after 2") { run in
      let index = try #require(
        run.entries.firstIndex { $0.writes.contains { $0.contains { $0.hasPrefix(#"{"seq":2,"#) } } })
      try run.rewrite(index, "RPUSH", ":out:w") {
        $0.flatMap { $0.hasPrefix(#"{"seq":2,"#) ? [$0, $0] : [$0] }
      }
    },
    Self("commands are dropped and nobody counts them", .commands, "commands of gateway w were dropped") {
      run in
      run.entries[run.entries.count - 1].writes.append(["LTRIM", run.tag + ":out:w", "-2", "-1"])
      run.evidence.outboxes["w"] = run.evidence.outboxes["w"]?.suffix(2)
    },
    Self("the counter of commands is left behind", .commands, "and counted are") { run in
      let index = try run.index("conversation_open", ":c4")
      try run.rewrite(index, "HINCRBY", ":gateways") { _ in nil }
    },
  ]

  static let ofTheRecord: [Self] = [
    Self("an entry is missing", .boundsAndRecord, "are missing before it") { run in
      run.entries.remove(at: try run.index("conversation_message"))
    },
    Self("the first entry is missing", .boundsAndRecord, "entries 1 to 1 are missing before it") {
      $0.entries.removeFirst()
    },
    Self("a list without a bound", .boundsAndRecord, ":conv:c4:texts has grown beyond 20") { run in
      let index = try run.index("conversation_open", ":c4")
      run.entries[index].writes.append(["RPUSH", run.tag + ":s:conv:c4:texts"] + (1...21).map(String.init))
    },
    Self("letters without a bound", .boundsAndRecord, ":dead has grown beyond 10000") { run in
      let index = try run.index("event_reject")
      try run.rewrite(index, "RPUSH", ":dead") { $0.prefix(2) + Array(repeating: $0[2], count: 10_001) }
    },
    Self("sources without a bound", .boundsAndRecord, ":lease:0 has grown beyond") { run in
      let index = try run.index("conversation_message")
      try run.rewrite(index, "HSET", ":lease:0") { $0 + (1...1_040).flatMap { ["s:\($0)", "1 1"] } }
    },
    Self("timers without a bound", .boundsAndRecord, ":due has grown beyond") { run in
      let index = try run.index("conversation_message")
      run.entries[index].writes.append(
        ["ZADD", run.tag + ":due"] + (1...99).flatMap { ["1", "idle:s:\($0)"] })
    },
    Self("commands without a bound", .boundsAndRecord, "out:w has grown beyond") { run in
      run.evidence.outboxes["w"] = Array(repeating: Array(#"{"seq":1}"#.utf8), count: 100_001)
    },
    Self("a write outside of any entry", .boundsAndRecord, "load is 7 and was written") { run in
      let key = run.tag + ":s:agent:a"
      guard case .hash(var fields) = run.evidence.state?[key] else { throw AuditedRun.NotThere(words: key) }
      fields["load"] = "7"
      run.evidence.state?[key] = .hash(fields)
    },
    Self("a place outside of any entry", .boundsAndRecord, "other members or scores than written: ghost") {
      run in
      let key = run.tag + ":s:busy:g"
      var set = SortedSet()
      if case .sortedSet(let found) = run.evidence.state?[key] { set = found }
      set.insert("ghost", score: 1)
      run.evidence.state?[key] = .sortedSet(set)
    },
    Self("a key outside of any entry", .boundsAndRecord, "is in Redis, and no entry wrote it") { run in
      run.evidence.state?[run.tag + ":s:conv:ghost"] = .hash(["state": "bot"])
    },
    Self("a key is gone", .boundsAndRecord, "is not in Redis, and entries wrote it") { run in
      run.evidence.state?[run.tag + ":s:agent:a"] = nil
    },
    Self("a letter is gone", .boundsAndRecord, ":dead") {
      $0.evidence.state?[$0.tag + ":dead"] = .list(["other"])
    },
    Self("a key that nobody knows", .boundsAndRecord, "which is no key of the shard") { run in
      run.entries[3].writes.append(["HSET", run.tag + ":s:nonsense", "a", "1"])
    },
  ]
}
