import Glibc
import Synchronization

/// Which server is the primary, for all connections of this program that go by the same sentinels.
///
/// It is asked with every connect, and asks all sentinels itself a few times a second. When they name another
/// primary, it ends the connections to the old one: a frozen server would otherwise hold them until their
/// deadlines, and one that was cut off would go on taking commits that are lost with it.
///
/// A sentinel that is cut off from the others names the old primary for as long as that lasts. So an answer
/// counts only if it is no older (by its `config-epoch`) than the newest that was heard. That is forgotten when
/// all sentinels say otherwise, or most of them when nobody has repeated it for a while: the one that knew of it
/// may have died before it told the others, which then go on without it.
final class PrimaryWatch: Sendable {
  /// How often the sentinels are asked, and how long each may take.
  static let interval = Duration.milliseconds(250)
  static let patience = Duration.milliseconds(400)
  /// How long the newest answer counts against most sentinels though nobody repeats it.
  static let memory = Duration.seconds(10)

  private struct State {
    var newest: SentinelAnswer?
    /// When it was heard last.
    var heard = MonotonicTime.now
    /// The sentinels, the one that answered last before the others.
    var order: [RedisSentinels.Place]
    /// The open sockets and the server that each goes to.
    var guarded: [UInt64: (socket: Int32, place: RedisSentinels.Place)] = [:]
    var lastGuard: UInt64 = 0
  }

  let sentinels: RedisSentinels
  let tls: RedisTLS?
  private let endpoint: RedisEndpoint
  private let state: Mutex<State>

  private init(_ endpoint: RedisEndpoint, _ sentinels: RedisSentinels) {
    self.endpoint = endpoint
    self.sentinels = sentinels
    tls = endpoint.tls
    state = Mutex(State(order: sentinels.places))
    let poller = SentinelPoller()
    Task.detached { [weak self] in
      while await poller.round(for: self) { try? await Task.sleep(for: Self.interval) }
    }
  }

  // MARK: Sharing

  private static let shared = Mutex<[RedisEndpoint: Weak]>([:])

  private struct Weak {
    weak var watch: PrimaryWatch?
  }

  /// The watch for an endpoint with sentinels; it lasts as long as somebody holds it.
  static func shared(for endpoint: RedisEndpoint, _ sentinels: RedisSentinels) -> PrimaryWatch {
    shared.withLock { shared in
      if let known = shared[endpoint]?.watch { return known }
      let watch = PrimaryWatch(endpoint, sentinels)
      shared[endpoint] = Weak(watch: watch)
      return watch
    }
  }

  // MARK: Finding

  /// Asks the sentinels in turn where the primary is; the first whose answer is not an old one settles it.
  func find(until deadline: MonotonicTime) throws(RedisError) -> RedisSentinels.Place {
    var answers: [SentinelAnswer] = []
    var reasons: [String] = []
    for place in state.withLock({ $0.order }) {
      guard MonotonicTime.now < deadline else {
        reasons.append("\(place): no time left to ask")
        continue
      }
      do throws(RedisError) {
        let limit = min(deadline, .now + Self.patience)
        let link = try SentinelLink(to: place, of: sentinels, tls: tls, until: limit)
        guard let answer = try link.ask(until: limit) else {
          reasons.append("\(place) knows no primary “\(sentinels.primary)”")
          continue
        }
        answers.append(answer)
        if let settled = note(answers) {
          prefer(place)
          return settled.place
        }
        reasons.append("\(place) has not heard of the last failover")
      } catch .server(let refusal) where refusal.advice == .fixCredentials {
        throw .server(refusal)
      } catch {
        reasons.append("\(place): \(error.reason)")
      }
    }
    throw .connectFailed(endpoint: endpoint.description, reason: reasons.joined(separator: "; "))
  }

  private func prefer(_ place: RedisSentinels.Place) {
    state.withLock { state in
      guard let index = state.order.firstIndex(of: place), index > 0 else { return }
      state.order.insert(state.order.remove(at: index), at: 0)
    }
  }

  /// Takes in what different sentinels have said just now; the newest of it, unless all of it is old.
  @discardableResult
  func note(_ answers: [SentinelAnswer], at now: MonotonicTime = .now) -> SentinelAnswer? {
    guard let best = answers.max(by: { $0.epoch < $1.epoch }) else { return nil }
    return state.withLock { state in
      if let newest = state.newest, best.epoch < newest.epoch {
        let areMost = answers.count * 2 > sentinels.places.count && now > state.heard + Self.memory
        guard areMost || answers.count == sentinels.places.count else { return nil }
      }
      state.newest = best
      state.heard = now
      for entry in state.guarded.values where entry.place != best.place {
        // Its waiting thread sees the end of the connection at once, and connects again.
        shutdown(entry.socket, Int32(SHUT_RDWR))
      }
      return best
    }
  }

  // MARK: Guarding

  /// Guards a socket to the server at `place`.
  func guarding(_ socket: Int32, to place: RedisSentinels.Place) -> GuardedSocket {
    let id = state.withLock { state in
      state.lastGuard += 1
      state.guarded[state.lastGuard] = (socket, place)
      if let newest = state.newest, newest.place != place { shutdown(socket, Int32(SHUT_RDWR)) }
      return state.lastGuard
    }
    return GuardedSocket { [weak self] in self?.state.withLock { $0.guarded[id] = nil } }
  }
}

/// Asks all sentinels again and again, on a thread of its own.
private actor SentinelPoller {
  /// How long a sentinel that did not answer is left alone: it would hold up the others.
  private static let rest = Duration.seconds(2)

  private let thread = RedisThread(name: "sentinels")
  private var links: [RedisSentinels.Place: SentinelLink] = [:]
  private var resting: [RedisSentinels.Place: MonotonicTime] = [:]

  nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// One round; false when nobody wants to know any more.
  func round(for watch: PrimaryWatch?) -> Bool {
    guard let watch else { return false }
    var answers: [SentinelAnswer] = []
    for place in watch.sentinels.places {
      if let until = resting[place], MonotonicTime.now < until { continue }
      let deadline = MonotonicTime.now + PrimaryWatch.patience
      do throws(RedisError) {
        let link: SentinelLink
        if let open = links[place] {
          link = open
        } else {
          link = try SentinelLink(to: place, of: watch.sentinels, tls: watch.tls, until: deadline)
          links[place] = link
        }
        if let answer = try link.ask(until: deadline) { answers.append(answer) }
        // One by one: a promotion shall not wait for a sentinel that hangs.
        watch.note(answers)
      } catch {
        links[place] = nil
        resting[place] = .now + Self.rest
      }
    }
    return true
  }
}
