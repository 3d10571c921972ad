import HiredisClient

/// Every key under a prefix with a hash of what it holds: for tests that say that nothing changed.
enum Keyspace {
  static func read(_ prefix: String, on connection: isolated RedisConnection) throws -> [String] {
    // A large hash gives its fields in an order that may change when it is only looked at, so they are sorted.
    let script = """
      local found = redis.call('KEYS', ARGV[1] .. '*')
      for i = 1, #found do
        local key = found[i]
        local content
        if redis.call('TYPE', key).ok == 'hash' then
          local flat, fields = redis.call('HGETALL', key), {}
          for j = 1, #flat, 2 do fields[#fields + 1] = #flat[j] .. ':' .. flat[j] .. '=' .. flat[j + 1] end
          table.sort(fields)
          content = table.concat(fields, '\\n')
        else
          content = redis.call('DUMP', key)
        end
        found[i] = key .. ' ' .. redis.sha1hex(content)
      end
      return found
      """
    let reply = try connection.send("EVAL", script, "0", prefix)
    return (reply.array ?? []).compactMap(\.text).sorted()
  }
}
