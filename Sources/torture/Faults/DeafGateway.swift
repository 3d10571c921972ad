import HiredisClient
import Proving
import Routing
import RoutingStore

extension Fault {
  /// A gateway that never takes: what lies there for it stays within its bound, the newest of it, and others do not notice.
  static let deafGateway = Fault(
    name: "deaf-gateway", summary: "a gateway never takes its commands, and its outbox is at its bound",
    share: 1
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      var plan = WorldPlan(workers: 2)
      // What the outbox holds at first no function has written.
      plan.beforehand = { try await $0.fillDeafOutbox() }
      let world = try await World.start(plan, seed: seed)
      try await world.deafen(rounds: 20)
      session.count()
      session.take(await world.finish(), at: "world \(seed)")
    }
  }
}

extension World {
  private static let bound = Int(Outboxes.bound)
  /// What lies there before anything happens.
  private static let before = bound - 20
  private static let deaf = GatewayID(unchecked: "deaf")

  /// Fills the outbox of a gateway that nobody takes for nearly to its bound.
  func fillDeafOutbox() async throws {
    let (deaf, before) = (Self.deaf, Self.before)
    for start in stride(from: 1, through: before, by: 10_000) {
      let rows = (start..<min(start + 10_000, before + 1)).map { #"{"seq":\#($0),"type":"old","at":1}"# }
      try await judge.send(["RPUSH", shard.outbox(deaf)] + rows)
    }
    try await ask("HSET", shard.gateways, deaf.rawValue, String(before))
  }

  /// Lets more come for it, and looks at what is there and who was told.
  func deafen(rounds: Int) async throws {
    let (deaf, before) = (Self.deaf, Self.before)
    for _ in 0..<rounds {
      try await pushHistory(rounds: 1)
      // Each is told that it is not known.
      let events = (0..<5).map { _ in
        Events.on("never", "close", shop: "plenty", #""by":"agent","gateway":"deaf""#)
      }
      try await push(2, events)
      rejectedElsewhere += events.count
      try await take()
    }
    try await eventually(within: patience, "the lists drain beside a deaf gateway") {
      try await backlog() == 0
    }
    let length = try await ask("LLEN", shard.outbox(deaf)).integer ?? 0
    if length != Self.bound {
      found.append("the outbox of a deaf gateway holds \(length), not \(Self.bound)")
    }
    let last = try await ask("LINDEX", shard.outbox(deaf), "-1").bytes ?? []
    let expected = Int64(before + rounds * 5)
    let seq = try CommandDecoder.decode(last).get().seq
    if seq != expected {
      found.append("the last command of a deaf gateway has the number \(seq), not \(expected)")
    }
    let first = try await ask("LINDEX", shard.outbox(deaf), "0").text ?? ""
    // The gap in `seq` tells the gateway, when it wakes up, how many have gone.
    if !first.hasPrefix(#"{"seq":\#(expected - Int64(Self.bound) + 1),"#) {
      found.append("the first command of a deaf gateway is \(first)")
    }
    let dropped = try await ask("HGET", shard.dropped, deaf.rawValue).integer ?? 0
    if dropped != expected - Int64(Self.bound) {
      found.append(
        "\(dropped) commands of a deaf gateway are counted as dropped, not \(expected - Int64(Self.bound))")
    }
    try await eventually(within: patience, "a worker tells of a deaf gateway") {
      workers.contains { $0.standardError.contains { $0.contains("the oldest are dropped") } }
    }
  }
}
