import ArgumentParser
import Foundation
import HiredisClient
import RoutingStore

/// Where Redis is; every command that talks to it takes these.
struct RedisOptions: ParsableArguments {
  @Option(
    name: .customLong("redis"),
    help: ArgumentHelp(
      "The Redis server: redis://[user:password@]host:port, rediss:// for TLS, unix:///path/to.sock, redis+sentinel://host:port,host:port/name, or redis+cluster://host:port,host:port.",
      discussion: "Default: the environment's FENLIU_REDIS, else redis://127.0.0.1:6379.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("What every key begins with.", valueName: "text"))
  var prefix = Keys.standardPrefix

  @OptionGroup var tls: TLSOptions

  /// The key names under the prefix.
  var keys: Keys { Keys(prefix: prefix) }

  /// The server, or the servers; a wrong address is wrong usage.
  func deployment() throws -> RedisDeployment {
    let text = url ?? ProcessInfo.processInfo.environment["FENLIU_REDIS"] ?? "redis://127.0.0.1:6379"
    return try tls.deployment(text)
  }

  /// An open connection for a command that does one thing and ends. In a cluster it is where the topology is, and what
  /// works on a shard turns it there.
  func connect() async throws -> RedisConnection {
    let connection = RedisConnection(to: try deployment().endpoint(of: keys.topology), name: "fenliu-cli")
    try await connection.connect()
    return connection
  }
}
