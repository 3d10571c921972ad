import Glibc
import Synchronization

/// Which node of a cluster has which slot, for all connections of this program to that cluster.
///
/// All primaries are asked with every connect; besides, all nodes are asked a few times a second. When a slot turns
/// out to be at another node, the connections for it to the old one are ended: a frozen node would otherwise hold
/// them until their deadlines. A node that was cut off tells of the past, so an answer counts only if its claim is
/// no older (by the epoch of the claim) than the newest that was heard lately.
final class ClusterWatch: Sendable {
  /// How often the nodes are asked, and how long each may take.
  static let interval = Duration.milliseconds(250)
  static let patience = Duration.milliseconds(400)
  /// How long a claim counts though nobody repeats it.
  static let memory = Duration.seconds(10)

  private struct Claim {
    var node: String
    var epoch: Int64
    var heard: MonotonicTime
  }

  private struct State {
    /// The nodes that are known, those behind the seeds included.
    var places: [RedisPlace]
    var claims: [HashSlot: Claim] = [:]
    var guarded: [UInt64: (socket: Int32, slot: HashSlot, node: String)] = [:]
    var lastGuard: UInt64 = 0
  }

  let cluster: RedisCluster
  let endpoint: RedisEndpoint
  private let state: Mutex<State>

  private init(_ endpoint: RedisEndpoint, _ cluster: RedisCluster) {
    self.endpoint = endpoint
    self.cluster = cluster
    state = Mutex(State(places: cluster.seeds))
    let poller = ClusterPoller()
    Task.detached { [weak self] in
      while await poller.round(for: self) { try? await Task.sleep(for: Self.interval) }
    }
  }

  // MARK: Sharing

  private static let shared = Mutex<[RedisEndpoint: Weak]>([:])

  private struct Weak {
    weak var watch: ClusterWatch?
  }

  /// The watch for an endpoint in a cluster, whatever its key; it lasts as long as somebody holds it.
  static func shared(for endpoint: RedisEndpoint, _ cluster: RedisCluster) -> ClusterWatch {
    let whole = endpoint.of(key: "")
    return shared.withLock { shared in
      if let known = shared[whole]?.watch { return known }
      let watch = ClusterWatch(whole, cluster)
      shared[whole] = Weak(watch: watch)
      return watch
    }
  }

  /// The nodes to ask, those that answered last before the seeds.
  var places: [RedisPlace] { state.withLock(\.places) }

  // MARK: What was heard

  /// Takes in the map of one node: whom to ask from now on, and who claims the slots that somebody is connected for.
  func note(_ map: ClusterMap, at now: MonotonicTime = .now) {
    let slots = state.withLock { state in
      let known = map.nodes.filter { !$0.isFailed }.map(\.place)
      state.places = known + cluster.seeds.filter { !known.contains($0) }
      return Set(state.guarded.values.map(\.slot))
    }
    for slot in slots {
      if let owner = map.owner(of: slot) { note(owner, has: slot, at: now) }
    }
  }

  /// Takes in that a node claims a slot; false if that is an old story.
  @discardableResult
  func note(_ owner: ClusterMap.Node, has slot: HashSlot, at now: MonotonicTime = .now) -> Bool {
    state.withLock { state in
      if let known = state.claims[slot], owner.epoch < known.epoch, now < known.heard + Self.memory {
        return false
      }
      state.claims[slot] = Claim(node: owner.id, epoch: owner.epoch, heard: now)
      for entry in state.guarded.values where entry.slot == slot && entry.node != owner.id {
        // Its waiting thread sees the end of the connection at once, and connects again.
        shutdown(entry.socket, Int32(SHUT_RDWR))
      }
      return true
    }
  }

  // MARK: Guarding

  /// Guards a socket to the node called `node`, which is open for the sake of `slot`.
  func guarding(_ socket: Int32, to node: String, for slot: HashSlot) -> GuardedSocket {
    let id = state.withLock { state in
      state.lastGuard += 1
      state.guarded[state.lastGuard] = (socket, slot, node)
      if let newest = state.claims[slot], newest.node != node { shutdown(socket, Int32(SHUT_RDWR)) }
      return state.lastGuard
    }
    return GuardedSocket { [weak self] in self?.state.withLock { $0.guarded[id] = nil } }
  }
}

/// Asks all nodes again and again, on a thread of its own.
private actor ClusterPoller {
  /// So many are asked in one round; of more, others each time. Any node hears of a failover within a second.
  private static let most = 8
  /// How long a node that did not answer is left alone: it would hold up the others.
  private static let rest = Duration.seconds(2)

  private let thread = RedisThread(name: "cluster")
  private var links: [RedisPlace: ClusterLink] = [:]
  private var resting: [RedisPlace: MonotonicTime] = [:]

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// One round; false when nobody wants to know any more.
  func round(for watch: ClusterWatch?) -> Bool {
    guard let watch else { return false }
    let places = watch.places
    links = links.filter { places.contains($0.key) }
    for place in places.shuffled().prefix(Self.most) {
      if let until = resting[place], MonotonicTime.now < until { continue }
      let deadline = MonotonicTime.now + ClusterWatch.patience
      do throws(RedisError) {
        let link: ClusterLink
        if let open = links[place] {
          link = open
        } else {
          link = try ClusterLink(to: place, as: watch.endpoint, until: deadline)
          links[place] = link
        }
        watch.note(try link.ask(of: nil, until: deadline).map)
      } catch {
        links[place] = nil
        resting[place] = .now + Self.rest
      }
    }
    return true
  }
}
