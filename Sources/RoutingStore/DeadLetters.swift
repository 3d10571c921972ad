public import HiredisClient
public import Routing

/// A dead letter as it lies in Redis.
public struct StoredLetter: Sendable {
  /// The shard whose list it is in.
  public var shard: Int
  /// Its place in that list when it was read, from 1, the oldest.
  public var place: Int
  /// Its text in Redis, by which it is found again when the list has moved.
  public var raw: [UInt8]
  /// What it says, or why it cannot be read.
  public var content: Result<DeadLetter, DeadLetter.Malformed>

  init(shard: Int, place: Int, raw: [UInt8]) {
    self.shard = shard
    self.place = place
    self.raw = raw
    do throws(DeadLetter.Malformed) {
      content = .success(try DeadLetter(json: raw))
    } catch {
      content = .failure(error)
    }
  }

  /// The letter, if it can be read.
  public var letter: DeadLetter? { try? content.get() }

  /// Why the event was refused, or why the letter cannot be read.
  public var reason: String {
    switch content {
    case .success(let letter): letter.error
    case .failure(let malformed): malformed.reason
    }
  }
}

/// The dead letters of a shard: reading, pushing again, removing.
public enum DeadLetters {
  /// Letters that are read at once; each can have 64 KiB and more.
  public static let page = 64

  /// How many letters a shard has.
  public static func count(
    _ shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> Int {
    try connection.turn(to: shard.tag)
    return Int(try connection.send("LLEN", shard.dead).integer ?? 0)
  }

  /// Letters from `start` on (from 0, the oldest), at most `count`. `skipped` is how many of those that stood
  /// before have been taken away since the places were counted.
  public static func read(
    _ shard: ShardKeys, from start: Int, count: Int, skipped: Int = 0,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> [StoredLetter] {
    guard count > 0 else { return [] }
    try connection.turn(to: shard.tag)
    let reply = try connection.send("LRANGE", shard.dead, String(start), String(start + count - 1))
    return (reply.array ?? []).compactMap(\.bytes).enumerated().map {
      StoredLetter(shard: shard.index, place: start + skipped + $0 + 1, raw: $1)
    }
  }

  /// Removes letters. Tells of each whether it was still there.
  public static func drop(
    _ letters: [StoredLetter], _ shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [Bool] {
    try connection.turn(to: shard.tag)
    var commands = RedisPipeline()
    for letter in letters {
      commands.begin(4)
      commands.word("LREM")
      commands.word(shard.dead)
      commands.word("1")
      commands.word(letter.raw)
    }
    return try outcomes(of: commands, on: connection)
  }

  /// Pushes the events of letters again, each to its partition, and removes the letter in the same step. Tells
  /// of each whether it was still there; one that was not is not pushed.
  public static func retry(
    _ letters: [(letter: StoredLetter, content: DeadLetter)], _ shard: ShardKeys,
    on connection: isolated RedisConnection
  ) throws(RedisError) -> [Bool] {
    try connection.turn(to: shard.tag)
    var commands = RedisPipeline()
    for (letter, content) in letters {
      commands.begin(7)
      commands.word("EVAL")
      commands.word(retryScript)
      commands.word("2")
      commands.word(shard.dead)
      commands.word(shard.inbox(content.partition))
      commands.word(letter.raw)
      commands.word(RetriedEvent.bytes(of: content.event))
    }
    return try outcomes(of: commands, on: connection)
  }

  /// Equal letters are the same event refused for the same reason at the same moment: whichever is removed,
  /// one is removed for one push.
  private static let retryScript = """
    if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
    redis.call('RPUSH', KEYS[2], ARGV[2])
    return 1
    """

  private static func outcomes(
    of commands: RedisPipeline, on connection: isolated RedisConnection
  ) throws(RedisError) -> [Bool] {
    guard !commands.isEmpty else { return [] }
    let replies = try connection.pipeline(commands)
    if let error = replies.lazy.compactMap(\.error).first { throw .server(error) }
    return replies.map { $0.integer == 1 }
  }
}
