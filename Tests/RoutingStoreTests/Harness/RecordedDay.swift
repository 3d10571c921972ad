import Foundation
import HiredisClient
import Routing
import RoutingStore

/// One recorded day of a contact centre, played in virtual time. See NOTE.md beside the files.
struct RecordedDay {
  struct Customer {
    var id: String
    var arrival: Int64
    var isVip: Bool
    var service: Int64
    var patience: Int64?
    /// When its service must begin; nil for one who hung up.
    var start: Int64?
  }

  let customers: [Customer]

  /// Reads `../shared/data/arrivals/NAME.csv`, relative to the package; nil if it is not there.
  init?(_ name: String) {
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = package.appendingPathComponent("../shared/data/arrivals/\(name).csv")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    customers = text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count >= 11, let arrival = Int64(fields[1]), let service = Int64(fields[4]) else {
        return nil
      }
      return Customer(
        id: String(fields[0]), arrival: arrival, isVip: fields[2] == "1", service: service,
        patience: Int64(fields[5]), start: Int64(fields[6]))
    }
  }

  /// What happens at a moment: somebody arrives, is done, or has no more patience.
  private enum Happening {
    case arrival(Customer)
    case end(String)
    case impatience(String)
  }

  /// Plays the day at so many agents; gives when each service began, from midnight.
  func play(
    agents: Int, capacity: Int, abandoning: Bool, on connection: isolated RedisConnection
  ) throws -> [String: Int64] {
    var configuration = ShopConfiguration.plain(agents: [:]) {
      $0.change {
        $0.queue.limit = 100_000
        $0.idleTimeout = .zero
      }
    }
    for agent in 1...agents { configuration.set("a\(agent)", capacity, ["g"]) }
    let store = try StoreHarness(configuration, prefix: "fl:day\(agents)x\(capacity):", on: connection)
    let midnight = StoreHarness.start
    func play(_ kind: Event.Kind) throws {
      try store.play(Event(shop: store.shop, kind: kind), on: connection)
    }
    let gateway = GatewayID(unchecked: "w")
    for agent in 1...agents {
      try play(.agentOnline(agent: AgentID(unchecked: "a\(agent)"), gateway: gateway))
    }

    var agenda: [Int64: Happening] = [:]
    var services: [String: Int64] = [:]
    for customer in customers {
      agenda[customer.arrival] = .arrival(customer)
      services[customer.id] = customer.service
    }
    // The next moment is looked up in a sorted copy of the times; new ones are put in where they belong.
    var times = agenda.keys.sorted(by: >)
    func add(_ happening: Happening, at time: Int64) {
      agenda[time] = happening
      times.insert(time, at: times.firstIndex { $0 < time } ?? times.endIndex)
    }
    var starts: [String: Int64] = [:]
    while let time = times.popLast(), let happening = agenda[time] {
      store.now = midnight + time
      switch happening {
      case .arrival(let customer):
        let opening = Event.Open(
          conversation: ConversationID(unchecked: customer.id),
          customer: Event.Customer(id: CustomerID(unchecked: customer.id), vip: customer.isVip),
          gateway: gateway)
        try play(.open(opening))
        if abandoning, let patience = customer.patience {
          add(.impatience(customer.id), at: customer.arrival + patience)
        }
      case .end(let id): try play(.close(conversation: ConversationID(unchecked: id), by: .agent))
      case .impatience(let id):
        // Who is being served stays.
        guard starts[id] == nil else { continue }
        try play(.close(conversation: ConversationID(unchecked: id), by: .customer))
      }
      // Only the outbox, not the whole world: a day has some 4,000 moments and as many conversations.
      let commands = try connection.send("LPOP", store.shard.outbox(gateway), "100").array ?? []
      for text in commands {
        let command = try CommandDecoder.decode(text.bytes ?? []).get()
        guard command.type == .assigned, command.to == .customer, let id = command.conversation?.rawValue
        else { continue }
        starts[id] = time
        add(.end(id), at: time + (services[id] ?? 0))
      }
    }
    return starts
  }
}
