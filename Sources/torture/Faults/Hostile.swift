import Foundation
import HiredisClient
import Proving
import Routing
import RoutingStore

extension Fault {
  /// Whatever bytes somebody pushes: they end as dead letters, or as what they happen to say, and others do not notice.
  static let hostile = Fault(
    name: "hostile", summary: "a malformed, mutilated or oversize event among good ones", share: 2
  ) { session in
    while session.goesOn {
      let seed = session.random.next()
      var plan = WorldPlan(workers: 2)
      plan.hasHostileInput = true
      let world = try await World.start(plan, seed: seed)
      try await world.apply(
        "shop: wild\ngroups:\n  g: {capacity: 50, idle_timeout: 200ms}\nagents:\n  a: {groups: [g]}\n")
      var done = 0
      while done < 2_000, done == 0 || ContinuousClock.now < session.deadline {
        for partition in 0..<4 {
          try await world.push(partition, world.nextEvents(partition))
          let events = (0..<10).map { _ in Mutilated.event(&session.random) }
          try await world.pushBytes(events, to: partition)
          done += events.count
        }
        try await world.take()
        while try await world.backlog() > 400 { try await Task.sleep(for: .milliseconds(5)) }
      }
      session.count(done)
      session.take(await world.finish(), at: "world \(seed)")
    }
  }
}

extension World {
  /// Pushes events of any bytes.
  func pushBytes(_ events: [[UInt8]], to partition: Int) async throws {
    var command = RedisPipeline()
    command.begin(2 + events.count)
    command.word("RPUSH")
    command.word(shard.inbox(partition))
    for event in events { command.word(event) }
    unique[partition, default: 0] += events.count
    attempted[partition, default: 0] += events.count
    evidence.push(events, to: partition)
    evidence.pushed(events.count, to: partition)
    let commands = command
    _ = try await gateway.pipeline(commands)
  }
}

/// Events that were good once.
private enum Mutilated {
  private static let good = [
    #"{"type":"conversation.open","shop":"wild","conversation":"c7","customer":{"id":"u7","level":2,"tags":["a"]},"gateway":"woods","params":{"x":"1"}}"#,
    #"{"type":"conversation.message","shop":"wild","conversation":"c7","from":"customer","text":"你好，在吗 \u4e2d"}"#,
    #"{"type":"conversation.close","shop":"wild","conversation":"c7","by":"agent"}"#,
    #"{"type":"agent.online","shop":"wild","agent":"a","gateway":"woods"}"#,
    #"{"type":"conversation.transfer","shop":"wild","conversation":"c7","to":{"agent":"a"},"by":"agent","note":"x"}"#,
    #"{"type":"customer.update","shop":"wild","customer":{"id":"u7","attributes":{"city":"深圳"}}}"#,
    #"{"type":"conversation.rate","shop":"wild","conversation":"c7","score":5,"comment":"好"}"#,
    #"{"type":"agent.pause","shop":"wild","agent":"a","at":1700000000000,"id":"e1"}"#,
  ]

  static func event(_ random: inout SeededGenerator) -> [UInt8] {
    var bytes = Array(random.pick(good).utf8)
    switch random.below(20) {
    case 0: return Array(repeating: UInt8(random.below(256)), count: random.below(3_000))
    case 1: return Array(repeating: UInt8(ascii: "["), count: 1 + random.below(5_000))
    case 2: bytes += Array(repeating: UInt8(ascii: " "), count: 70_000)
    case 3: return bytes
    default:
      for _ in 0...random.below(3) {
        guard !bytes.isEmpty else { break }
        let place = random.below(bytes.count)
        switch random.below(6) {
        case 0: bytes[place] = UInt8(random.below(256))
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8(random.below(256)), at: place)
        case 3: bytes.removeLast(bytes.count - place)
        case 4: bytes.insert(contentsOf: bytes[place..<min(place + random.below(40), bytes.count)], at: place)
        default: bytes[place] ^= 1 << UInt8(random.below(8))
        }
      }
    }
    return bytes
  }
}
