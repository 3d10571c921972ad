import Proving

extension Session {
  /// Plays worlds one after the other on one server until time is up, each under a prefix of its own, and judges each.
  mutating func worlds(
    _ plan: WorldPlan, on server: RedisServer, prefix: String,
    _ play: (World, inout Session) async throws -> Void
  ) async throws {
    var number = 0
    while goesOn {
      let seed = random.next()
      number += 1
      let world = try await World.start(plan, seed: seed, server: server, prefix: "\(prefix)\(number):")
      try await play(world, &self)
      take(await world.finish(), at: "world \(seed)")
    }
  }
}
