import Routing
import TestSupport

/// Random configurations of one shop, each a step from the one before.
struct RandomShop {
  static let shop = ShopID(unchecked: "s")

  /// The names in play. Configurations know some of them, events speak of all.
  let groups: [GroupID]
  let agents: [AgentID]
  let gateways: [GatewayID]
  let customers: [CustomerID]
  let conversations: [ConversationID]
  private let capacities: [Int]

  init(_ random: inout SeededGenerator) {
    // Few names make many encounters; now and then a large shop, whose capacities come in steps.
    let isLarge = random.percent(8)
    groups = (0..<1 + random.below(4)).map { GroupID(unchecked: "g\($0)") }
    agents = (0..<1 + random.below(isLarge ? 3 : 7)).map { AgentID(unchecked: "a\($0)") }
    gateways = (0..<1 + random.below(3)).map { GatewayID(unchecked: "w\($0)") }
    customers = (0..<1 + random.below(12)).map { CustomerID(unchecked: "u\($0)") }
    conversations = (0..<(isLarge ? 260 : 4 + random.below(30))).map { ConversationID(unchecked: "c\($0)") }
    capacities = isLarge ? [1, 50, 101, 150, 250] : [1, 1, 2, 3, 5, 10]
  }

  func configuration(_ random: inout SeededGenerator) -> ShopConfiguration {
    let order = groups.filter { _ in random.percent(75) }
    let chosen = order.isEmpty ? [groups[0]] : order
    var configuration = ShopConfiguration(
      shop: Self.shop, groups: chosen.map { group($0, &random) }, defaultGroup: random.pick(chosen))
    for agent in agents where random.percent(80) {
      configuration.agents[agent] = self.agent(agent, chosen, &random)
    }
    configuration.levels.source = random.pick(ShopConfiguration.Levels.Source.allCases)
    configuration.levels.param = random.pick(["level", "vip"])
    configuration.levels.vip = Level(clamping: random.below(11))
    configuration.defaultMode = random.percent(60) ? .humanFirst : random.pick(Mode.allCases)
    configuration.offlineGrace = Milliseconds(random.pick([0, 5_000, 15_000]))
    configuration.heartbeat = Milliseconds(random.pick([0, 0, 30_000]))
    configuration.dedicatedWait = Milliseconds(random.pick([0, 10_000, 60_000]))
    return configuration
  }

  /// A configuration in which a few things are different.
  func changed(_ old: ShopConfiguration, _ random: inout SeededGenerator) -> ShopConfiguration {
    let other = configuration(&random)
    if random.percent(25) { return other }
    var new = old
    for _ in 0..<1 + random.below(3) {
      switch random.below(8) {
      case 0: new.offlineGrace = other.offlineGrace
      case 1: new.heartbeat = other.heartbeat
      case 2: new.dedicatedWait = other.dedicatedWait
      case 3: new.defaultMode = other.defaultMode
      case 4: new.levels = other.levels
      case 5:
        let id = random.pick(new.groupOrder)
        new.groups[id] = group(id, &random)
      default:
        let id = random.pick(agents)
        new.agents[id] = random.percent(80) ? agent(id, new.groupOrder, &random) : nil
      }
    }
    return new
  }

  private func group(_ id: GroupID, _ random: inout SeededGenerator) -> GroupConfiguration {
    var group = GroupConfiguration(id: id)
    group.strategy = random.pick([.leastLoaded, .longestIdle, .roundRobin])
    group.idleTimeout = Milliseconds(random.pick([0, 5_000, 60_000, 600_000]))
    group.queue.enabled = random.percent(92)
    group.queue.limit = random.pick([0, 1, 3, 10, 1_000, 1_000])
    group.queue.handleTime = random.pick([
      .fixed(.minutes(10)), .fixed(Milliseconds(1)), .fixed(.seconds(7)), .measured,
    ])
    group.queue.hide.waiting = random.pick([0, 2, 5, 50])
    group.queue.hide.wait = Milliseconds(random.pick([0, 999, 20_000, 1_800_000]))
    return group
  }

  private func agent(
    _ id: AgentID, _ groups: [GroupID], _ random: inout SeededGenerator
  ) -> AgentConfiguration {
    let served = groups.filter { _ in random.percent(60) }
    let memberships = (served.isEmpty ? [random.pick(groups)] : served.shuffled(using: &random))
    return AgentConfiguration(
      id: id, groups: memberships.map { AgentConfiguration.Membership(group: $0) },
      capacity: random.pick(capacities))
  }
}
