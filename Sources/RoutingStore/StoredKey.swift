public import HiredisClient

/// A key with everything in it, for who compares what a shard holds with what it should.
public struct StoredKey: Sendable, Equatable {
  /// The key.
  public var name: String
  /// What Redis calls its type: `hash`, `list`, `zset` or `string`.
  public var kind: String
  /// A hash: field, value …; a list: its elements; a sorted set: member, score …, lowest first; a string: itself. Bytes
  /// that are not UTF-8 are replaced.
  public var words: [String]

  /// Every key of the shard but the entries of its audit. Reads the whole shard, key after key: for tests, while nobody writes.
  public static func all(
    of shard: ShardKeys, on connection: isolated RedisConnection
  ) throws(RedisError) -> [StoredKey] {
    try connection.turn(to: shard.tag)
    var names: Set<String> = []
    var cursor = "0"
    repeat {
      let page = try connection.send(
        "SCAN", cursor, "MATCH", shard.tag.inPattern + ":*", "COUNT", "1000")
      guard let parts = page.array, parts.count == 2, let next = parts[0].text else {
        throw .unexpectedReply("SCAN")
      }
      cursor = next
      names.formUnion((parts[1].array ?? []).compactMap(\.text))
    } while cursor != "0"
    names.remove(shard.audit)
    var found: [StoredKey] = []
    for name in names.sorted() {
      if let key = try read(name, on: connection) { found.append(key) }
    }
    return found
  }

  /// One key; nil if there is none, or it is of a type that Fenliu does not use.
  static func read(_ name: String, on connection: isolated RedisConnection) throws(RedisError) -> StoredKey? {
    let kind = try connection.send("TYPE", name).text ?? ""
    let reply: RedisValue
    switch kind {
    case "hash": reply = try connection.send("HGETALL", name)
    case "list": reply = try connection.send("LRANGE", name, "0", "-1")
    case "zset": reply = try connection.send("ZRANGE", name, "0", "-1", "WITHSCORES")
    case "string": reply = .array([try connection.send("GET", name)])
    default: return nil
    }
    let words = (reply.array ?? []).map { String(decoding: $0.bytes ?? [], as: UTF8.self) }
    return StoredKey(name: name, kind: kind, words: words)
  }
}

extension String {
  /// The text as a part of a pattern for `SCAN` that matches only itself.
  var inPattern: String {
    let special: Set<Character> = ["*", "?", "[", "]", "\\"]
    return map { special.contains($0) ? "\\\($0)" : "\($0)" }.joined()
  }
}
