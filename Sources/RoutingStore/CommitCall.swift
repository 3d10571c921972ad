public import HiredisClient
public import Routing

/// One call of `commit`: events of a partition, in order, with what was decided for each, to be applied and acknowledged as
/// one piece. What a call costs beside its events is paid once for all of them.
public struct CommitCall: Sendable {
  /// So many events make a call long enough that its own cost does not matter.
  public static let mostEvents = 32
  /// And so many calls of Redis within it, as far as can be foreseen, short enough that nobody else waits for it. A bit less
  /// than `CALLS_ENOUGH` in `prelude.lua`, where the function itself stops: what it leaves has to be sent once more.
  static let mostCalls = 180
  /// And so many bytes, which large texts may have.
  private static let mostBytes = 256 << 10

  private let shard: ShardKeys
  private let header: CommitHeader
  private var heads: [Head] = []
  private var words = RedisWords()
  private var calls = 0
  /// How many events it has.
  public private(set) var count = 0

  /// A call without events yet.
  ///
  /// - Parameter header: its position is that of the first event.
  public init(shard: ShardKeys, header: CommitHeader) {
    self.shard = shard
    self.header = header
  }

  /// Whether further events belong to the next call.
  public var isFull: Bool {
    count >= Self.mostEvents || calls >= Self.mostCalls || words.size >= Self.mostBytes
  }

  /// Adds an event with its decision, which is not ``Decision/reject(_:)``.
  ///
  /// - Parameter version: the configuration version that was decided under; 0 where none matters.
  public mutating func append(_ decision: Decision, of event: Event, version: Int64) {
    var step = RedisWords()
    step.append(decision)
    calls += decision.callsForeseen
    append(step, named: decision.step, source: event.source, n: event.n, shop: event.shop, version: version)
  }

  /// Adds an event that goes to the dead letters; its gateway is told.
  ///
  /// - Parameters:
  ///   - rejection: the reason, and what could be read of the event.
  ///   - letter: the JSON for the dead list.
  ///   - source: the event's source and `n`, so that a repeat of it is recognised.
  ///   - version: the configuration version that gave the reason; 0 where none did.
  public mutating func append(
    _ rejection: Rejection, letter: [UInt8], source: SourceID?, n: Int64?, version: Int64
  ) {
    var step = RedisWords()
    calls += 3
    step.word(letter)
    step.word(rejection.gateway?.rawValue ?? "")
    step.word(rejection.commandFields)
    append(step, named: Rejection.step, source: source, n: n, shop: rejection.shop, version: version)
  }

  private mutating func append(
    _ step: RedisWords, named name: String, source: SourceID?, n: Int64?, shop: ShopID?, version: Int64
  ) {
    let head = Head(source: source, shop: shop, version: version, step: name)
    var number = 0
    while number < heads.count, heads[number] != head { number += 1 }
    if number == heads.count { heads.append(head) }
    words.word(2 + step.count)
    words.word(number + 1)
    words.word(n ?? 0)
    words.append(step)
    count += 1
  }

  /// Adds the call to a pipeline; its reply is for ``CommitReply/all(in:)``.
  public func append(to pipeline: inout RedisPipeline) {
    pipeline.begin(4 + 7 + heads.count + words.count)
    pipeline.word("FCALL")
    pipeline.word(Functions.commit)
    pipeline.word(1)
    pipeline.word(shard.tag)
    pipeline.word(header.fence.owner)
    pipeline.word(header.fence.epoch)
    pipeline.word(header.position)
    pipeline.word(Int64(header.fence.partition))
    pipeline.word(header.now.rawValue)
    pipeline.word(header.position + Int64(count))
    pipeline.word(Int64(heads.count))
    for head in heads { pipeline.word(head.word) }
    pipeline.append(words)
  }

  /// What many events have in common; see `commit.lua`.
  private struct Head: Equatable {
    var source: SourceID?
    var shop: ShopID?
    var version: Int64
    var step: String

    /// No name has a tab in it.
    var word: String { "\(source?.rawValue ?? "")\t\(shop?.rawValue ?? "")\t\(version)\t\(step)" }
  }
}

extension Decision {
  /// How many calls of Redis its step makes at most as a rule, beside what all steps of a call share. What `CallCountTests`
  /// hold, without that; an agent who comes may be given many that wait, and for that there is the function's own bound.
  var callsForeseen: Int {
    switch self {
    case .message, .agentHeartbeat, .customerForget, .reject: 3
    case .relay, .status, .rate, .customerUpdate: 5
    case .agentPause, .agentOffline: 10
    case .open: 14
    case .close: 20
    case .listen, .handoff, .transfer, .accept: 24
    case .agentOnline: 32
    case .emergency: 64
    }
  }
}

/// What a call of `commit` carries beside its events.
public struct CommitHeader: Sendable {
  /// The right to change the partition.
  public var fence: Fence
  /// How many events of the partition were committed before the first one.
  public var position: Int64
  /// The worker's estimate of the server's time.
  public var now: Moment
  /// Makes a header.
  public init(fence: Fence, position: Int64, now: Moment) {
    self.fence = fence
    self.position = position
    self.now = now
  }
}
