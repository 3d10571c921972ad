import Foundation
import HiredisClient
import Proving
import Routing
import RoutingStore

extension Fault {
  /// What a worker without the lease may still send: it must be refused, and nothing at all may change.
  static let zombieCalls = Fault(
    name: "zombie-calls",
    summary: "a call under another owner, epoch or position is sent while the holder stands still", share: 2
  ) { session in
    let server = try await RedisServer.start()
    // A lease so long that the standing holder keeps it.
    let plan = WorldPlan(workers: 1, lease: .seconds(20), server: server.options)
    try await session.worlds(plan, on: server, prefix: "z") { world, session in
      try await world.pushHistory(rounds: 2)
      try await eventually(within: .seconds(20), "the history is applied") { try await world.backlog() == 0 }
      session.count(try await world.zombiesCall())
    }
  }
}

/// One call that must be refused: what is wrong about it, the word that it must be answered with, and the answer.
private struct ZombieCall {
  let name: String
  let expected: String
  let answer: String
}

extension World {
  /// Stops the holder in the middle of its work and calls in its place; how many calls that were.
  func zombiesCall() async throws -> Int {
    // Frozen first, so that what is pushed now stays at the heads.
    workers[0].send(signal: SIGSTOP)
    defer { workers[0].send(signal: SIGCONT) }
    guard try await awaitStandstill(of: workers[0].pid) else {
      throw NeverHappened(what: "a standstill of the holder", time: .seconds(5))
    }
    for partition in 0..<4 { try await push(partition, lively.next(partition)) }
    var calls = 0
    for partition in 0..<4 {
      let row =
        try await ask("HMGET", shard.lease(partition), "owner", "epoch", "position", "renewal").array ?? []
      guard row.count == 4, let owner = row[0].text, let epoch = row[1].integer,
        let position = row[2].integer,
        let renewal = row[3].integer, let head = try await ask("LINDEX", shard.inbox(partition), "0").bytes
      else { throw NeverHappened(what: "a lease and an event in partition \(partition)", time: .zero) }
      let before = try await ask("DEBUG", "DIGEST").text
      let fence = Fence(owner: owner, epoch: epoch, partition: partition)
      var answers = try await commitsOfZombies(head, fence, position)
      answers += try await leasesOfZombies(fence, position, renewal)
      if partition == 0 { answers += try await ticksOfZombies(fence) }
      calls += answers.count
      for call in answers where call.answer != call.expected {
        found.append("\(call.name) was answered with \(call.answer), not \(call.expected)")
      }
      if try await ask("DEBUG", "DIGEST").text != before {
        found.append("a call that was refused has changed something, partition \(partition)")
      }
    }
    return calls
  }

  private func commitsOfZombies(_ head: [UInt8], _ fence: Fence, _ position: Int64) async throws
    -> [ZombieCall]
  {
    let event = try EventDecoder.decode(head).get()
    let conversation = event.conversation ?? ConversationID(unchecked: "none")
    let stale: [(String, Fence, Int64, String)] = [
      (
        "a commit of another owner", Fence(owner: "zombie", epoch: fence.epoch, partition: fence.partition),
        position, "fenced"
      ),
      (
        "a commit of an earlier epoch",
        Fence(owner: fence.owner, epoch: fence.epoch - 1, partition: fence.partition), position, "fenced"
      ),
      (
        "a commit of a later epoch",
        Fence(owner: fence.owner, epoch: fence.epoch + 1, partition: fence.partition), position, "fenced"
      ),
      ("a commit of an earlier position", fence, position - 1, "position"),
      ("a commit of a later position", fence, position + 1, "position"),
    ]
    var answers: [ZombieCall] = []
    for (name, fence, position, expected) in stale {
      let header = CommitHeader(fence: fence, position: position, now: Moment(2_000_000_000_000))
      var call = CommitCall(shard: shard, header: header)
      call.append(.status(conversation: conversation), of: event, version: 1)
      let reply = try await call.replies(on: judge).first
      answers.append(ZombieCall(name: name, expected: expected, answer: reply.map { "\($0)" } ?? "nothing"))
    }
    return answers
  }

  private func leasesOfZombies(_ fence: Fence, _ position: Int64, _ renewal: Int64) async throws
    -> [ZombieCall]
  {
    let (judge, shard) = (judge, shard)
    let old = Fence(owner: fence.owner, epoch: fence.epoch - 1, partition: fence.partition)
    let other = Fence(owner: "zombie", epoch: fence.epoch, partition: fence.partition)
    func said(_ name: String, _ done: Bool) -> ZombieCall {
      ZombieCall(name: name, expected: "refused", answer: done ? "done" : "refused")
    }
    var answers: [ZombieCall] = []
    for fence in [old, other] {
      answers.append(
        said("a release under \(fence)", try await Leases.release(fence, shard: shard, on: judge)))
      let marked = try await Leases.attempt(fence, position: position, count: 1, shard: shard, on: judge)
      answers.append(said("a mark under \(fence)", marked))
    }
    let moved = try await Leases.attempt(fence, position: position - 1, count: 1, shard: shard, on: judge)
    answers.append(said("a mark at an earlier position", moved))
    let watched = [
      LeaseView(owner: fence.owner, epoch: fence.epoch - 1, renewal: renewal),
      LeaseView(owner: fence.owner, epoch: fence.epoch, renewal: renewal - 1),
      LeaseView(owner: "", epoch: fence.epoch, renewal: renewal),
    ]
    for view in watched {
      let grant = try await Leases.take(
        "zombie", partition: fence.partition, watched: view, shard: shard, on: judge)
      answers.append(said("a lease taken from \(view)", grant != nil))
    }
    return answers
  }

  private func ticksOfZombies(_ fence: Fence) async throws -> [ZombieCall] {
    let (judge, shard) = (judge, shard)
    var answers: [ZombieCall] = []
    for stale in [
      Fence(owner: fence.owner, epoch: fence.epoch - 1, partition: 0),
      Fence(owner: "zombie", epoch: fence.epoch, partition: 0),
    ] {
      let reply = try await Tick.fire(
        stale, now: Moment(2_000_000_000_000), limit: 10, newerThan: 0, shard: shard, on: judge)
      answers.append(ZombieCall(name: "a tick under \(stale)", expected: "fenced", answer: "\(reply)"))
    }
    return answers
  }
}
