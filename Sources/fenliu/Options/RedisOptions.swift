import ArgumentParser
import Foundation
import HiredisClient
import RoutingStore

/// Where Redis is; every command that talks to it takes these.
struct RedisOptions: ParsableArguments {
  @Option(
    name: .customLong("redis"),
    help: ArgumentHelp(
      "The Redis server: redis://[user:password@]host:port, rediss:// for TLS, unix:///path/to.sock, or redis+sentinel://host:port,host:port/name.",
      discussion: "Default: the environment's FENLIU_REDIS, else redis://127.0.0.1:6379.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("What every key begins with.", valueName: "text"))
  var prefix = Keys.standardPrefix

  @OptionGroup var tls: TLSOptions

  /// The key names under the prefix.
  var keys: Keys { Keys(prefix: prefix) }

  /// The server; a wrong address is wrong usage.
  func endpoint() throws -> RedisEndpoint {
    let text = url ?? ProcessInfo.processInfo.environment["FENLIU_REDIS"] ?? "redis://127.0.0.1:6379"
    return try tls.endpoint(text)
  }

  /// An open connection for a command that does one thing and ends.
  func connect() async throws -> RedisConnection {
    let connection = RedisConnection(to: try endpoint(), name: "fenliu-cli")
    try await connection.connect()
    return connection
  }
}
