public import HiredisClient
public import Routing

/// Reads overviews one after another, each with one pipeline (in a cluster, one for each node of a shard); a second one follows only when a shop or a
/// gateway has come up that was not there the last time.
///
/// All views come from read-only functions and commands, so it can look at a replica as well.
public struct OverviewReader: Sendable {
  /// The most agents of one shop that are listed. `fl_agents` takes 8 ms for each thousand (measured on a busy
  /// machine of two cores), and Redis does nothing else meanwhile.
  public static let agentLimit = 2_000

  private let keys: Keys
  private let only: ShopID?
  private var topology = Topology.standard
  private var shops: [Int: [ShopID]] = [:]
  private var gateways: [Int: [GatewayID]] = [:]

  /// A reader that looks at all shops, or at one.
  public init(_ keys: Keys, only shop: ShopID? = nil) {
    self.keys = keys
    only = shop
  }

  /// How things stand now.
  public mutating func read(on connection: isolated RedisConnection) throws(RedisError) -> Overview {
    var draft = OverviewDraft()
    try ask(everything(), &draft, on: connection)
    if draft.topology != topology {
      // The first look, or somebody has emptied Redis: ask again, for the right shards.
      topology = draft.topology
      (shops, gateways) = ([:], [:])
      draft = OverviewDraft()
      try ask(everything(), &draft, on: connection)
    }
    try ask(unknown(draft), &draft, on: connection)
    shops = draft.shops.mapValues { $0.map(\.shop).filter { only == nil || $0 == only } }
    gateways = draft.gateways
    return draft.overview(topology, only: only)
  }

  // MARK: Questions

  private func everything() -> [OverviewQuery] {
    var queries: [OverviewQuery] = [.time, .topology]
    for shard in 0..<topology.shards {
      queries += [
        .members(shard), .dead(shard), .held(shard), .gateways(shard), .dropped(shard), .shops(shard),
      ]
      for partition in 0..<topology.partitions {
        queries += [.lease(shard, partition), .inbox(shard, partition)]
      }
      for gateway in gateways[shard] ?? [] { queries.append(.outbox(shard, gateway)) }
      for shop in shops[shard] ?? [] { queries += [.groups(shard, shop), .agents(shard, shop)] }
    }
    return queries
  }

  /// What came up in this reading for the first time.
  private func unknown(_ draft: OverviewDraft) -> [OverviewQuery] {
    var queries: [OverviewQuery] = []
    for shard in 0..<topology.shards {
      let knownGateways = Set(gateways[shard] ?? [])
      for gateway in draft.gateways[shard] ?? [] where !knownGateways.contains(gateway) {
        queries.append(.outbox(shard, gateway))
      }
      let knownShops = Set(shops[shard] ?? [])
      for entry in draft.shops[shard] ?? [] where !knownShops.contains(entry.shop) {
        guard only == nil || only == entry.shop else { continue }
        queries += [.groups(shard, entry.shop), .agents(shard, entry.shop)]
      }
    }
    return queries
  }

  private func ask(
    _ queries: [OverviewQuery], _ draft: inout OverviewDraft, on connection: isolated RedisConnection
  ) throws(RedisError) {
    guard !queries.isEmpty else { return }
    var pipeline = SpreadPipeline()
    for query in queries { pipeline.append(query.words(keys), at: query.place(keys)) }
    let replies = try pipeline.send(on: connection)
    for (query, reply) in zip(queries, replies) {
      if let error = reply.error {
        // A shop that was there the last time and has gone since; the list of shops tells as much.
        if case .groups = query, error.message.contains("has no configuration") { continue }
        if case .agents = query, error.message.contains("has no configuration") { continue }
        throw .server(error)
      }
      draft.take(reply, for: query)
    }
  }
}

/// One question of an overview.
enum OverviewQuery {
  case time
  case topology
  case members(Int)
  case dead(Int)
  case held(Int)
  case gateways(Int)
  case dropped(Int)
  case shops(Int)
  case lease(Int, Int)
  case inbox(Int, Int)
  case outbox(Int, GatewayID)
  case groups(Int, ShopID)
  case agents(Int, ShopID)

  /// A key of the shard that it is about.
  func place(_ keys: Keys) -> String {
    switch self {
    case .time, .topology: keys.topology
    case .members(let shard), .dead(let shard), .held(let shard), .gateways(let shard), .dropped(let shard),
      .shops(let shard),
      .lease(let shard, _), .inbox(let shard, _), .outbox(let shard, _), .groups(let shard, _),
      .agents(let shard, _):
      keys.shard(shard).tag
    }
  }

  func words(_ keys: Keys) -> [String] {
    switch self {
    case .time: ["TIME"]
    case .topology: ["HMGET", keys.topology, "shards", "partitions"]
    case .members(let shard): ["HGETALL", keys.shard(shard).members]
    case .dead(let shard): ["LLEN", keys.shard(shard).dead]
    case .held(let shard): ["LLEN", keys.shard(shard).held]
    case .gateways(let shard): ["HKEYS", keys.shard(shard).gateways]
    case .dropped(let shard): ["HGETALL", keys.shard(shard).dropped]
    case .shops(let shard): ["FCALL_RO", "fl_shops", "1", keys.shard(shard).tag]
    case .lease(let shard, let partition):
      ["HMGET", keys.shard(shard).lease(partition), "owner", "epoch", "position"]
    case .inbox(let shard, let partition): ["LLEN", keys.shard(shard).inbox(partition)]
    case .outbox(let shard, let gateway): ["LLEN", keys.shard(shard).outbox(gateway)]
    case .groups(let shard, let shop): ["FCALL_RO", "fl_groups", "1", keys.shard(shard).tag, shop.rawValue]
    case .agents(let shard, let shop):
      // One more than is shown, to know whether there are more.
      [
        "FCALL_RO", "fl_agents", "1", keys.shard(shard).tag, shop.rawValue, "",
        String(OverviewReader.agentLimit + 1),
      ]
    }
  }
}
