import HiredisClient
import Routing

/// An overview while its replies come in.
struct OverviewDraft {
  private(set) var topology = Topology.standard
  private(set) var shops: [Int: [Overview.Shop]] = [:]
  private(set) var gateways: [Int: [GatewayID]] = [:]
  private var at = Moment(0)
  private var beats: [String: Int64] = [:]
  private var deadLetters = 0
  private var heldBack: Int64 = 0
  private var partitions: [Place: Overview.Partition] = [:]
  private var outboxes: [Overview.Outbox] = []
  private var dropped: [Int: [String: Int64]] = [:]
  private var groups: [ShopID: [Overview.Group]] = [:]
  private var agents: [ShopID: [Overview.Agent]] = [:]

  private struct Place: Hashable {
    var shard: Int
    var partition: Int
  }

  mutating func take(_ reply: RedisValue, for query: OverviewQuery) {
    let items = reply.array ?? []
    switch query {
    case .time:
      let parts = items.compactMap(\.integer)
      if parts.count == 2 { at = Moment(parts[0] * 1_000 + parts[1] / 1_000) }
    case .topology:
      let numbers = items.compactMap(\.integer)
      if numbers.count == 2 { topology = Topology(shards: Int(numbers[0]), partitions: Int(numbers[1])) }
    case .members:
      for index in stride(from: 0, to: items.count - 1, by: 2) {
        if let name = items[index].text { beats[name, default: 0] += items[index + 1].integer ?? 0 }
      }
    case .dead: deadLetters += Int(reply.integer ?? 0)
    case .held: heldBack += reply.integer ?? 0
    case .gateways(let shard):
      gateways[shard] = items.compactMap(\.text).sorted().map(GatewayID.init(unchecked:))
    case .dropped(let shard):
      for index in stride(from: 0, to: items.count - 1, by: 2) {
        if let name = items[index].text { dropped[shard, default: [:]][name] = items[index + 1].integer }
      }
    case .lease(let shard, let partition):
      changePartition(shard, partition) {
        let owner = items.first?.text ?? ""
        $0.owner = owner.isEmpty ? nil : owner
        $0.epoch = Self.number(items, 1)
        $0.position = Self.number(items, 2)
      }
    case .inbox(let shard, let partition):
      changePartition(shard, partition) { $0.backlog = reply.integer ?? 0 }
    case .outbox(let shard, let gateway):
      outboxes.append(Overview.Outbox(shard: shard, gateway: gateway, length: reply.integer ?? 0))
    case .list(let list, _): take(items, of: list)
    }
  }

  /// A page of a list. What stands in two pages, since others came between, is taken once.
  private mutating func take(_ rows: [RedisValue], of list: OverviewList) {
    switch list {
    case .shops(let shard):
      let known = Set((shops[shard] ?? []).map(\.shop))
      shops[shard, default: []] += rows.compactMap { Self.shop($0, shard) }.filter {
        !known.contains($0.shop)
      }
    case .groups(_, let shop):
      let known = Set((groups[shop] ?? []).map(\.group))
      groups[shop, default: []] += rows.compactMap { group($0) }.filter { !known.contains($0.group) }
    case .agents(_, let shop):
      let last = agents[shop]?.last?.agent.rawValue ?? ""
      agents[shop, default: []] += rows.compactMap(Self.agent).filter { $0.agent.rawValue != last }
    }
  }

  /// What all replies together say.
  func overview(_ topology: Topology, only: ShopID?) -> Overview {
    var overview = Overview()
    overview.at = at
    overview.topology = topology
    overview.partitions = partitions.values.sorted { ($0.shard, $0.partition) < ($1.shard, $1.partition) }
    var held: [String: Int] = [:]
    for owner in overview.partitions.compactMap(\.owner) { held[owner, default: 0] += 1 }
    overview.workers = beats.sorted { $0.key < $1.key }.map {
      Overview.Worker(name: $0.key, beats: $0.value, partitions: held[$0.key] ?? 0)
    }
    overview.deadLetters = deadLetters
    overview.heldBack = heldBack
    overview.outboxes = outboxes.sorted { ($0.shard, $0.gateway) < ($1.shard, $1.gateway) }
    for (index, outbox) in overview.outboxes.enumerated() {
      overview.outboxes[index].dropped = dropped[outbox.shard]?[outbox.gateway.rawValue] ?? 0
    }
    overview.shops = shops.values.joined().filter { only == nil || $0.shop == only }
      .sorted { $0.shop < $1.shop }.map(filled)
    return overview
  }

  /// A shop with its groups and agents, and with the load of each group counted from its agents.
  private func filled(_ shop: Overview.Shop) -> Overview.Shop {
    var shop = shop
    let all = agents[shop.shop] ?? []
    shop.hasMoreAgents = all.count > OverviewReader.agentLimit
    shop.agents = Array(all.prefix(OverviewReader.agentLimit))
    shop.groups = groups[shop.shop] ?? []
    guard !shop.hasMoreAgents else { return shop }
    var loads: [GroupID: Int64] = [:]
    for agent in all where agent.status == "online" {
      for group in agent.groups { loads[group, default: 0] += agent.load }
    }
    for index in shop.groups.indices { shop.groups[index].load = loads[shop.groups[index].group] ?? 0 }
    return shop
  }

  // MARK: Rows

  private mutating func changePartition(
    _ shard: Int, _ partition: Int, _ change: (inout Overview.Partition) -> Void
  ) {
    let fresh = Overview.Partition(
      shard: shard, partition: partition, owner: nil, epoch: 0, position: 0, backlog: 0)
    change(&partitions[Place(shard: shard, partition: partition), default: fresh])
  }

  private static func shop(_ row: RedisValue, _ shard: Int) -> Overview.Shop? {
    guard let fields = row.array, let name = fields.first?.text else { return nil }
    return Overview.Shop(
      shop: ShopID(unchecked: name), shard: shard, version: number(fields, 1), settled: number(fields, 2))
  }

  private func group(_ row: RedisValue) -> Overview.Group? {
    guard let fields = row.array, let name = fields.first?.text else { return nil }
    let since = Self.number(fields, 5)
    return Overview.Group(
      group: GroupID(unchecked: name), waiting: Self.number(fields, 1),
      nextWaited: since <= 0 ? nil : Milliseconds(max(0, at.rawValue - since)),
      online: Self.number(fields, 2), slots: Self.number(fields, 3), withRoom: Self.number(fields, 4))
  }

  private static func agent(_ row: RedisValue) -> Overview.Agent? {
    guard let fields = row.array, let name = fields.first?.text else { return nil }
    let groups = (fields.count > 4 ? fields[4].text : nil) ?? ""
    return Overview.Agent(
      agent: AgentID(unchecked: name), status: fields.count > 1 ? fields[1].text ?? "" : "",
      load: number(fields, 2), capacity: number(fields, 3),
      groups: groups.split(separator: " ").map { GroupID(unchecked: String($0)) },
      slow: number(fields, 5))
  }

  private static func number(_ fields: [RedisValue], _ index: Int) -> Int64 {
    index < fields.count ? fields[index].integer ?? 0 : 0
  }
}
