public import HiredisClient

/// Events on their way into the inboxes, through `fl_push`, which keeps to each partition's limit.
///
/// The events of a partition travel in one transaction. In a plain pipeline a worker could make room between
/// two of them, and after a `FULL` for the first the second would overtake it.
public struct InboxPush: Sendable {
  /// A partition of a shard.
  public struct Place: Sendable, Hashable, Comparable {
    /// The shard, from 0.
    public var shard: Int
    /// The partition, from 0.
    public var partition: Int

    /// Names a partition.
    public init(shard: Int, partition: Int) {
      self.shard = shard
      self.partition = partition
    }

    /// By shard, then by partition.
    public static func < (left: Place, right: Place) -> Bool {
      (left.shard, left.partition) < (right.shard, right.partition)
    }
  }

  /// What a sending brought about.
  public struct Outcome: Sendable, Equatable {
    /// How many events each partition took.
    public var pushed: [Place: Int] = [:]
    /// The partitions that have reached their limit; what they did not take is still there.
    public var full: [Place] = []
  }

  private struct Pending: Sendable {
    var line: Int
    var event: [UInt8]
    var isRepeatable: Bool
  }

  private var pending: [Place: [Pending]] = [:]
  /// How many events are there to be sent.
  public private(set) var count = 0
  /// How many bytes they have together.
  public private(set) var bytes = 0

  /// Nothing to send yet.
  public init() {}

  /// Whether there is nothing to send.
  public var isEmpty: Bool { count == 0 }

  /// The lowest `line` among the events to be sent.
  public var firstLine: Int? { pending.values.lazy.compactMap { $0.first?.line }.min() }

  /// Whether all events to be sent may be sent again after any doubt: the router ignores one that it has had, by its
  /// `source` and `n`.
  public var isRepeatable: Bool { pending.values.allSatisfy { $0.allSatisfy(\.isRepeatable) } }

  /// Adds an event. `line` is where the caller has it from, for ``firstLine``; `isRepeatable` is whether it has a
  /// `source` and an `n`.
  public mutating func add(_ event: [UInt8], line: Int, to place: Place, isRepeatable: Bool = false) {
    pending[place, default: []].append(Pending(line: line, event: event, isRepeatable: isRepeatable))
    count += 1
    bytes += event.count
  }

  /// The shard whose turn it is after `last`, among those with events to be sent; nil if there is nothing to send.
  public func shard(after last: Int) -> Int? {
    let shards = Set(pending.keys.map(\.shard)).sorted()
    return shards.first { $0 > last } ?? shards.first
  }

  /// Sends what is there, or what is there for one shard: in a cluster each has its own connection. Events that a full
  /// partition did not take stay, in their order.
  ///
  /// - Throws: ``RedisError``; then all events stay, and if it says that the commands may have taken effect,
  ///   so may some of the events.
  public mutating func send(
    _ keys: Keys, only shard: Int? = nil, on connection: isolated RedisConnection
  ) throws(RedisError) -> Outcome {
    let places = pending.keys.filter { shard == nil || $0.shard == shard }.sorted()
    if let shard { try connection.turn(to: keys.shard(shard).tag) }
    var commands = RedisPipeline(reservingCapacity: bytes + count * 64)
    for place in places { append(place, keys.shard(place.shard).tag, to: &commands) }
    let replies = try connection.pipeline(commands)
    var outcome = Outcome()
    var next = 0
    for place in places {
      let own = replies[next..<(next + commandCount(place))]
      next = own.endIndex
      try settle(place, own, &outcome)
    }
    return outcome
  }

  /// MULTI, one FCALL for each event, EXEC.
  private func commandCount(_ place: Place) -> Int { (pending[place]?.count ?? 0) + 2 }

  private func append(_ place: Place, _ tag: String, to commands: inout RedisPipeline) {
    commands.append("MULTI")
    let partition = String(place.partition)
    for item in pending[place] ?? [] {
      commands.begin(6)
      commands.word("FCALL")
      commands.word("fl_push")
      commands.word("1")
      commands.word(tag)
      commands.word(partition)
      commands.word(item.event)
    }
    commands.append("EXEC")
  }

  /// Counts and removes what a partition took.
  private mutating func settle(
    _ place: Place, _ replies: ArraySlice<RedisValue>, _ outcome: inout Outcome
  ) throws(RedisError) {
    if let refusal = replies.lazy.compactMap(\.error).first { throw .server(refusal) }
    guard let answers = replies.last?.array, let waiting = pending[place], answers.count == waiting.count
    else { throw .unexpectedReply("EXEC of fl_push") }
    if let refusal = answers.lazy.compactMap(\.error).first { throw .server(refusal) }
    // Within the transaction nothing leaves the list: behind the first FULL there are only others.
    let taken = answers.prefix { $0.text == "OK" }.count
    if taken > 0 { outcome.pushed[place] = taken }
    if taken < waiting.count { outcome.full.append(place) }
    count -= taken
    bytes -= waiting.prefix(taken).reduce(0) { $0 + $1.event.count }
    pending[place] = taken == waiting.count ? nil : Array(waiting.dropFirst(taken))
  }
}
