import HiredisClient
import Routing
import RoutingStore
import TestSupport
import Testing

/// The store works for a Redis user who may touch keys under `fl:` only, with the commands named here: a
/// function that strayed from its keys would be refused by the server.
@Suite struct PermissionTests {
  private static let commands = """
    fcall fcall_ro function|load function|list ping time client|setname client|id hmget hget hgetall hset hsetnx \
    hdel hexists hincrby hlen zadd zrem zrange zrangebyscore zrevrangebyscore zcard zcount zrank zscore rpush lpop \
    llen ltrim lrange del exists pexpire scan multi exec persist rename
    """

  @Test func aUserLimitedToOurKeysIsEnough() async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    let administrator = try await server.connected()
    let rules = Self.commands.split(separator: " ").map { "+\($0)" }
    try await administrator.send(
      ["ACL", "SETUSER", "fenliu", "reset", "on", ">secret", "~fl:*", "-@all"] + rules)
    let endpoint = RedisEndpoint(.unix(path: server.socketPath), user: "fenliu", password: "secret")
    let connection = RedisConnection(to: endpoint, name: "limited")
    try await connection.connect()
    for seed in 1...4 { try await StoreHarness.playAnyShop(UInt64(seed), on: connection) }

    let committed = try await administrator.send("HGET", "fl:1:{0}:lease:0", "position").integer
    #expect(committed == 250)
    let log = try await administrator.send("ACL", "LOG").array
    #expect(log?.isEmpty == true, "\(String(describing: log))")
  }
}
