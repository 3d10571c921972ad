import HiredisClient
import Routing
import RoutingAudit
import RoutingStore
import TestSupport
import Testing

/// Each fault of a run is found, by its number. The run is a real one, found clean; then one thing of it is changed.
@Suite struct PlantedFaultTests {
  /// What is falsified, and what must be said of it.
  struct Fault: Sendable, CustomTestStringConvertible {
    var name: String
    var invariant: Invariant
    var words: String
    var plant: @Sendable (inout AuditedRun) throws -> Void
    var testDescription: String { name }

    init(
      _ name: String, _ invariant: Invariant, _ words: String,
      _ plant: @escaping @Sendable (inout AuditedRun) throws -> Void
    ) {
      (self.name, self.invariant, self.words, self.plant) = (name, invariant, words, plant)
    }
  }

  @Test(
    arguments: Fault.ofEvents + Fault.ofLeases + Fault.ofLoad + Fault.ofQueues + Fault.ofCommands
      + Fault.ofTheRecord)
  func isFound(_ fault: Fault) async throws {
    var run = try await PlayedDay.run()
    try fault.plant(&run)
    let found = try run.violations()
    #expect(
      found.contains { $0.invariant == fault.invariant && $0.words.contains(fault.words) },
      "\(found.map(\.description).joined(separator: "\n"))")
  }

  @Test func whatReallyHappenedIsFoundClean() async throws {
    let run = try await PlayedDay.run()
    #expect(try run.violations() == [])
    #expect(run.entries.count > 20)
  }

  @Test func whatIsLeftAtTheEndMustHaveDrained() {
    #expect(AuditChecker.judgeDraining(["in:0": 0, "in:1": 0]).isEmpty)
    let found = AuditChecker.judgeDraining(["in:1": 2, "in:0": 0])
    #expect(found == [Violation(.draining, "2 entries are still in in:1")])
  }
}

extension PlantedFaultTests.Fault {
  static let ofEvents: [Self] = [
    Self("an event is lost from the middle", .everyEventOnce, "lost an event 90 of x") { run in
      let event = PushedEvent(Array(#"{"type":"customer.forget"}"#.utf8), source: "x", n: 90)
      run.evidence.pushed[0]?.insert(event, at: 4)
    },
    Self("the last event is lost", .everyEventOnce, "lost an event 91 of x") { run in
      run.evidence.pushed[0]?.append(PushedEvent(Array("lost".utf8), source: "x", n: 91))
    },
    Self("an event that nobody pushed", .everyEventOnce, "was not pushed") {
      $0.evidence.pushed[0]?.remove(at: 3)
    },
    Self("an event left in the list that nobody pushed", .everyEventOnce, "was not pushed") {
      $0.evidence.inboxes[0] = [Array("phantom".utf8)]
    },
    Self("an event is still there though it was applied", .everyEventOnce, "once more than pushed") { run in
      run.evidence.inboxes[0] = [run.evidence.pushed[0]?.last?.raw ?? []]
    },
    Self("an event is applied and not taken", .everyEventOnce, "took 0 events") { run in
      try run.rewrite(try run.index("conversation_open"), "LPOP", ":in:0") { _ in nil }
    },
    Self("two events are taken for one", .everyEventOnce, "took 2 events") { run in
      run.entries[try run.index("conversation_open")].writes.append(["LPOP", run.tag + ":in:0"])
    },
    Self("a rejected event leaves no letter", .everyEventOnce, "was rejected and left no letter") { run in
      try run.rewrite(try run.index("event_reject"), "RPUSH", ":dead") { _ in nil }
    },
    Self("an event is applied without one in the list", .everyEventOnce, "without an event in the list") {
      run in
      run.entries[try run.index("conversation_open")].event = nil
    },
    Self("an event is thrown away as a repeat", .everyEventOnce, "was taken for a repeat and is none") {
      run in
      run.entries[try run.index("conversation_message")].reply = "duplicate"
    },
    Self("a refusal writes", .everyEventOnce, "answered stale and wrote") { run in
      run.entries[try run.index("conversation_message")].reply = "stale"
    },
    Self("another function took the event", .everyEventOnce, "conversation_status took the event") { run in
      run.entries[try run.index("conversation_message")].kind = "conversation_status"
    },
    Self("an event is applied under another's number", .everyEventOnce, "was taken, and") { run in
      let (one, other) = (
        try run.index("conversation_open", ":c3"), try run.index("conversation_open", ":c4")
      )
      run.swapEvents(one, other)
      run.evidence.pushed[0]?.swapAt(4, 5)
    },
    Self("two events change places in the list", .order, "before others that were pushed earlier") { run in
      let (one, other) = (
        try run.index("conversation_open", ":c3"), try run.index("conversation_open", ":c4")
      )
      run.swapEvents(one, other)
    },
    Self("two events are applied in the other order", .order, "position") { run in
      let one = try run.index("conversation_open", ":c3")
      run.entries.swapAt(one, one + 1)
      run.renumber()
    },
    Self("the position moves on by two", .order, "stands at") { run in
      let index = try run.index("conversation_message")
      let position = try #require(run.entries[index].position)
      try run.setField(index, ":lease:0", "position", String(position + 2))
    },
    Self("an event has its effect twice", .effectsOnce, "a second time; it is at") { run in
      let index = try run.index("conversation_open", ":c3")
      run.entries.insert(run.entries[index], at: index + 1)
      run.renumber()
    },
    Self("a repeat is not recognised", .effectsOnce, "was applied a second time") { run in
      run.entries[try run.index("conversation_message", reply: "duplicate")].reply = "committed"
    },
    Self("a timer fires before it is due", .effectsOnce, "ms before it was due") {
      $0.entries[try $0.index("timer")].at = 1
    },
    Self("a timer fires that nobody has set", .effectsOnce, "the timer idle:s:ghost fired, which is not set")
    {
      $0.entries[try $0.index("timer")].timer = "idle:s:ghost"
    },
    Self("an older event of a source comes after a newer one", .effectsOnce, "was applied after") { run in
      let index = try run.index("conversation_message")
      run.entries[index].n = -5
    },
  ]

  static let ofLeases: [Self] = [
    Self("a write after the lease passed", .fencing, "but other holds it in epoch 2") { run in
      let taken = try run.index("lease_take", "other")
      run.entries.insert(run.entries.remove(at: taken - 1), at: taken)
      run.renumber()
    },
    Self("a timer fires after the lease passed", .fencing, "timer by harness in epoch 1 of partition 0") {
      run in
      run.entries.append(run.entries[try run.index("timer")])
      run.renumber()
    },
    Self("a write after the lease was given back", .fencing, "but nobody holds it") { run in
      var released = AuditEntry(
        number: 1, kind: "lease_release", reply: "released",
        writes: [["HSET", run.tag + ":lease:0", "owner", ""]])
      (released.partition, released.owner, released.epoch, released.position) = (0, "harness", 1, 0)
      run.entries.insert(released, at: try run.index("agent_online"))
      run.renumber()
    },
    Self("the epoch goes back", .fencing, "with epoch 1 after 1") { run in
      let index = try run.index("lease_take", "other")
      run.entries[index].epoch = 1
      try run.setField(index, ":lease:0", "epoch", "1")
    },
    Self("an epoch has two owners", .fencing, "epoch 1 of partition 0 is harness's, and thief wrote in it") {
      run in
      run.entries[try run.index("conversation_message")].owner = "thief"
    },
    Self("a settling step by another", .fencing, "group_configure by harness in epoch 9") { run in
      run.entries[try run.index("group_configure")].epoch = 9
    },
    Self("an event of another partition", .fencing, "in the name of another") { run in
      try run.rewrite(try run.index("conversation_message"), "LPOP", ":in:0") {
        [$0[0], $0[1].dropLast() + "1"]
      }
    },
  ]
}
