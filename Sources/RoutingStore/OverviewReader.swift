public import HiredisClient
public import Routing

/// Reads overviews one after another, each with one pipeline (in a cluster, one for each node of a shard); a second one follows only when a shop or a
/// gateway has come up that was not there the last time.
///
/// All views come from read-only functions and commands, so it can look at a replica as well.
public struct OverviewReader: Sendable {
  /// The most agents of one shop that are listed. `fl_agents` takes 8 ms for each thousand (measured on a busy
  /// machine of two cores), and does that in pages, so that Redis does something else between them.
  public static let agentLimit = 2_000

  private let keys: Keys
  private let only: ShopID?
  private var topology = Topology.standard
  private var shops: [Int: [ShopID]] = [:]
  private var gateways: [Int: [GatewayID]] = [:]
  /// How many pages each list had the last time.
  private var pages: [OverviewList: Int] = [:]

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
      (shops, gateways, pages) = ([:], [:], [:])
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
        .members(shard), .dead(shard), .held(shard), .gateways(shard), .dropped(shard),
      ]
      queries += known(.shops(shard))
      for partition in 0..<topology.partitions {
        queries += [.lease(shard, partition), .inbox(shard, partition)]
      }
      for gateway in gateways[shard] ?? [] { queries.append(.outbox(shard, gateway)) }
      for shop in shops[shard] ?? [] { queries += known(.groups(shard, shop)) + known(.agents(shard, shop)) }
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
        queries += [.list(.groups(shard, entry.shop), page: 0), .list(.agents(shard, entry.shop), page: 0)]
      }
    }
    return queries
  }

  /// The pages that a list had the last time.
  private func known(_ list: OverviewList) -> [OverviewQuery] {
    (0..<(pages[list] ?? 1)).map { .list(list, page: $0) }
  }

  /// Asks, and goes on with the lists that have more pages than were asked for.
  private mutating func ask(
    _ queries: [OverviewQuery], _ draft: inout OverviewDraft, on connection: isolated RedisConnection
  ) throws(RedisError) {
    var queries = queries
    while !queries.isEmpty {
      var pipeline = SpreadPipeline()
      for query in queries { pipeline.append(query.words(keys), at: query.place(keys)) }
      var next: [OverviewList: Int] = [:]
      let replies = try pipeline.send(on: connection)
      for (query, reply) in zip(queries, replies) {
        if let error = reply.error {
          // A shop that was there the last time and has gone since; the list of shops tells as much.
          if case .list = query, error.message.contains("has no configuration") { continue }
          throw .server(error)
        }
        draft.take(reply, for: query)
        guard case .list(let list, let page) = query else { continue }
        // The pages of one list are asked for in their order: the last decides.
        let isFull = reply.array?.count == list.rows(of: page)
        next[list] = isFull && list.rows(of: page + 1) > 0 ? page + 1 : nil
        if page == 0 || reply.array?.isEmpty == false { pages[list] = page + 1 }
      }
      queries = next.map { .list($0.key, page: $0.value) }
    }
  }
}

/// A list of an overview that may be long, and is read in pages.
enum OverviewList: Hashable {
  case shops(Int)
  case groups(Int, ShopID)
  case agents(Int, ShopID)

  /// Rows in one call.
  static let page = 200
  /// The most rows of a list; of agents there are fewer.
  private static let most = 10_000

  /// How many rows a page has if it is full; 0 behind the last.
  func rows(of page: Int) -> Int {
    // One more agent than is shown, to know whether there are more.
    let most = if case .agents = self { OverviewReader.agentLimit + 1 } else { Self.most }
    return max(0, min(Self.page, most - page * Self.page))
  }

  var shard: Int {
    switch self {
    case .shops(let shard), .groups(let shard, _), .agents(let shard, _): shard
    }
  }

  func words(_ keys: Keys, page: Int) -> [String] {
    let call = ["FCALL_RO", name, "1", keys.shard(shard).tag]
    let bounds = [String(rows(of: page)), String(page * Self.page)]
    return switch self {
    case .shops: call + bounds
    case .groups(_, let shop): call + [shop.rawValue] + bounds
    case .agents(_, let shop): call + [shop.rawValue, ""] + bounds
    }
  }

  private var name: String {
    switch self {
    case .shops: "fl_shops"
    case .groups: "fl_groups"
    case .agents: "fl_agents"
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
  case lease(Int, Int)
  case inbox(Int, Int)
  case outbox(Int, GatewayID)
  case list(OverviewList, page: Int)

  /// A key of the shard that it is about.
  func place(_ keys: Keys) -> String {
    switch self {
    case .time, .topology: keys.topology
    case .members(let shard), .dead(let shard), .held(let shard), .gateways(let shard), .dropped(let shard),
      .lease(let shard, _), .inbox(let shard, _), .outbox(let shard, _):
      keys.shard(shard).tag
    case .list(let list, _): keys.shard(list.shard).tag
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
    case .lease(let shard, let partition):
      ["HMGET", keys.shard(shard).lease(partition), "owner", "epoch", "position"]
    case .inbox(let shard, let partition): ["LLEN", keys.shard(shard).inbox(partition)]
    case .outbox(let shard, let gateway): ["LLEN", keys.shard(shard).outbox(gateway)]
    case .list(let list, let page): list.words(keys, page: page)
    }
  }
}
