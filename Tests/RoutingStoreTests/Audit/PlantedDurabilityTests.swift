import RoutingAudit
import Testing

/// Faults of a new generation and of commands that are held back: each is found in a run that was found clean.
@Suite struct PlantedDurabilityTests {
  @Test func whatReallyHappenedIsFoundClean() async throws {
    let run = try await PlayedFailover.run()
    #expect(try run.violations() == [])
    let kinds = Set(run.entries.map(\.kind))
    #expect(kinds.isSuperset(of: ["generation_settle", "outbox_release", "durability_settle"]))
  }

  @Test(arguments: PlantedFaultTests.Fault.ofGenerations + PlantedFaultTests.Fault.ofHeldCommands)
  func isFound(_ fault: PlantedFaultTests.Fault) async throws {
    var run = try await PlayedFailover.run()
    try fault.plant(&run)
    let found = try run.violations()
    #expect(
      found.contains { $0.invariant == fault.invariant && $0.words.contains(fault.words) },
      "\(found.map(\.description).joined(separator: "\n"))")
  }
}

extension PlantedFaultTests.Fault {
  static let ofGenerations: [Self] = [
    Self("a lease outlives its generation", .fencing, "leaves partition 0 with its epoch") { run in
      try run.rewrite(try run.index("generation_settle"), "HSET", ":lease:0") { _ in nil }
    },
    Self("an epoch goes back with a new generation", .fencing, "leaves partition 0 to") { run in
      try run.setField(try run.index("generation_settle"), ":lease:0", "epoch", "1")
    },
    Self("somebody holds on through a new generation", .fencing, "leaves partition 0 to 'harness'") { run in
      try run.setField(try run.index("generation_settle"), ":lease:0", "owner", "harness")
    },
    Self("who held a lease before writes after it", .fencing, "in epoch 1 of partition 0") { run in
      let settled = try run.index("generation_settle")
      run.entries.swapAt(settled, settled - 1)
      run.renumber()
    },
    Self("an epoch jumps without a new generation", .fencing, "changes the epoch of partition 0") { run in
      run.entries[try run.index("outbox_release")].writes.append(
        ["HSET", run.tag + ":lease:0", "epoch", "7"])
    },
    Self("something is lost and numbers go on", .commands, "moves 0 of 1 gateways") { run in
      try run.rewrite(try run.index("generation_settle"), "HSET", ":gateways") { _ in nil }
    },
    Self("nothing is lost and numbers jump", .commands, "complete, moves 1 of 1 gateways") { run in
      run.entries[try run.index("generation_settle")].reply = "complete"
    },
    Self("numbers jump by too little", .commands, "moves gateway w from") { run in
      try run.setField(try run.index("generation_settle"), ":gateways", "w", "1000")
    },
    Self("numbers jump without a new generation", .commands, "sets numbers of commands") { run in
      run.entries[try run.index("outbox_release")].writes.append(
        ["HSET", run.tag + ":gateways", "w", "1000004"])
    },
    Self("the jump comes in an entry of another kind", .commands, "sets numbers of commands") { run in
      run.entries[try run.index("generation_settle")].kind = "fold"
    },
    Self("a new generation writes a record", .boundsAndRecord, "a new generation writes") { run in
      run.entries[try run.index("generation_settle")].writes.append(
        ["HSET", run.tag + ":s:agent:a", "load", "0"])
    },
  ]

  static let ofHeldCommands: [Self] = [
    Self("held commands change places", .commands, "was not the next one held back") { run in
      try run.rewrite(try run.index("outbox_release"), "RPUSH", ":out:w") { write in
        var write = write
        write.swapAt(2, 3)
        return write
      }
    },
    Self("a held command is lost", .commands, "were held back and then lost") { run in
      try run.rewrite(try run.index("outbox_release"), "RPUSH", ":out:w") { $0.dropLast() }
    },
    Self("a held command is changed", .commands, "was not the next one held back") { run in
      try run.rewrite(try run.index("outbox_release"), "RPUSH", ":out:w") { $0.dropLast() + ["{\"seq\":3}"] }
    },
    Self("a command overtakes those that are held", .commands, "past those that are held back") { run in
      let index = try run.index("conversation_open", reply: "committed")
      run.entries[index].writes = run.entries[index].writes.map { write in
        guard write[1].hasSuffix(":held") else { return write }
        return ["RPUSH", run.tag + ":out:w"] + write.dropFirst(2).map { String($0.dropFirst(2)) }
      }
    },
    Self("commands are held though nothing says so", .commands, "and nothing says so") { run in
      try run.rewrite(try run.index("durability_settle", reply: "held"), "HSET", ":lease:0") { _ in nil }
    },
    Self("held commands are taken by another step", .commands, "took commands that were held back") {
      $0.entries[try $0.index("outbox_release")].kind = "conversation_status"
    },
    Self("held commands are released by who lost the lease", .fencing, "outbox_release by harness in epoch 9")
    {
      $0.entries[try $0.index("outbox_release")].epoch = 9
    },
    Self("a held command is not numbered on", .commands, "was sent command") { run in
      try run.rewrite(try run.index("conversation_open"), "RPUSH", ":held") { write in
        write.map { $0.replacing("{\"seq\":", with: "{\"seq\":9") }
      }
    },
    Self("what is held at the end is not what entries say", .boundsAndRecord, ":held") {
      $0.evidence.state?[$0.tag + ":held"] = .list(["w {\"seq\":99}"])
    },
  ]
}
