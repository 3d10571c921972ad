import HiredisClient

/// Every key under a prefix with a hash of its serialised value: for tests that say that nothing changed.
enum Keyspace {
  static func read(_ prefix: String, on connection: isolated RedisConnection) throws -> [String] {
    let script = """
      local found = redis.call('KEYS', ARGV[1] .. '*')
      for i = 1, #found do found[i] = found[i] .. ' ' .. redis.sha1hex(redis.call('DUMP', found[i])) end
      return found
      """
    let reply = try connection.send("EVAL", script, "0", prefix)
    return (reply.array ?? []).compactMap(\.text).sorted()
  }
}
