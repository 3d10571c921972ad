import Foundation
import Proving
import Routing
import RoutingStore

extension Fault {
  /// What a gateway was about when it died it does again: pushing under the same source and n, taking by `seq`.
  static let gatewayKill = Fault(
    name: "gateway-kill",
    summary: "`fenliu push` and a taker are ended by SIGKILL while at work, and started again", share: 2
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      var plan = WorldPlan(workers: 2)
      plan.pushesByCustomer = true
      let world = try await World.start(plan, seed: seed)
      let files = try TemporaryDirectory()
      try FileManager.default.createDirectory(atPath: files.path("taken"), withIntermediateDirectories: false)
      var taker = try world.startTaker(into: files.path("taken"))
      var done = 0
      while done < 80, done == 0 || ContinuousClock.now < session.deadline {
        let events = await world.nextBatch(rounds: 8)
        try Data((events.joined(separator: "\n") + "\n").utf8).write(
          to: URL(fileURLWithPath: files.path("events")))
        await world.note(pushOf: events)
        let pusher = try world.startPush(files.path("events"))
        if session.random.percent(50) { try await world.awaitPush(of: pusher) }
        try await Task.sleep(for: .microseconds(session.random.below(60_000)))
        pusher.kill()
        try await Task.sleep(for: .microseconds(session.random.below(20_000)))
        taker.kill()
        taker = try world.startTaker(into: files.path("taken"))
        await world.note(pushOf: events)
        let again = try world.startPush(files.path("events"))
        if try await again.wait() != .exited(0) { await world.blame("push failed: \(again.standardError)") }
        await world.noteEnd(ofPushOf: events)
        done += 2
      }
      taker.kill()
      try await world.adopt(takenIn: files.path("taken"))
      session.count(done)
      session.take(await world.finish(), at: "world \(seed)")
    }
  }
}

extension World {
  /// The gateways whose outboxes are taken.
  nonisolated static var gateways: [String] {
    (0..<4).map(ChaosLoad.gateway) + ["tight", LivelyLoad.gateway, "desk"]
  }

  /// Events of all partitions for one file. They are counted as pushed twice: once until the kill, once whole.
  func nextBatch(rounds: Int) -> [String] {
    var events: [String] = []
    for _ in 0..<rounds {
      for partition in 0..<4 { events += load.next(partition) + lively.next(partition) }
    }
    // Where each goes is for `fenliu push` to say; only the sum is known.
    unique[0, default: 0] += events.count
    attempted[0, default: 0] += 2 * events.count
    return events
  }

  /// Tells the checker what a run of `fenliu push` may push, and where: in doubt until it has ended well.
  func note(pushOf events: [String]) {
    for (partition, events) in places(of: events) { evidence.push(events, to: partition) }
  }

  /// It has ended well: all of it has arrived.
  func noteEnd(ofPushOf events: [String]) {
    for (partition, events) in places(of: events) { evidence.pushed(events.count, to: partition) }
  }

  /// By partition, what a run of `fenliu push` sends there: it knows of the customers that it has read.
  private func places(of events: [String]) -> [Int: [String]] {
    var memory = PartitionMemory()
    var places: [Int: [String]] = [:]
    for text in events {
      guard case .success(let event) = EventDecoder.decode(Array(text.utf8)) else {
        found.append("an event that `fenliu push` would refuse: \(text)")
        continue
      }
      places[memory.partition(of: event, partitions: 4), default: []].append(text)
    }
    return places
  }

  /// Starts the program that pushes a file.
  nonisolated func startPush(_ file: String) throws -> ChildProcess {
    try ChildProcess(
      try ChildProcess.product("fenliu"), ["push", "--redis", server.url, "--prefix", keys.prefix, file])
  }

  /// Starts a process that takes all gateways' commands.
  nonisolated func startTaker(into directory: String) throws -> ChildProcess {
    try ChildProcess(
      try ChildProcess.product("torture"),
      ["take", "--redis", server.url, "--prefix", keys.prefix, "--directory", directory] + Self.gateways)
  }

  /// Waits until the first events of a push have arrived, so that the kill comes in the middle.
  func awaitPush(of pusher: ChildProcess) async throws {
    while try await backlog() == 0, pusher.isRunning { try await Task.sleep(for: .milliseconds(1)) }
  }

  /// What the takers have left in their files counts as taken.
  func adopt(takenIn directory: String) throws {
    for gateway in Self.gateways {
      for line in try TakenFile.lines("\(directory)/\(gateway)") {
        let command = try CommandDecoder.decode(line).get()
        taken.accept(command, for: gateway)
        evidence.take(line, command.seq, by: gateway)
      }
    }
  }
}
