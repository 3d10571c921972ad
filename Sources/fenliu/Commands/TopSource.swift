import HiredisClient
import Routing
import RoutingStore

/// Where `fenliu top` has its overviews from.
struct TopSource: Sendable {
  /// The server, or the servers.
  let deployment: RedisDeployment
  /// The key names.
  let keys: Keys
  /// The one shop to look at.
  let shop: ShopID?
  /// The time between two looks.
  let interval: Duration

  /// The server as it may be shown: without its password.
  var redis: String { "\(deployment)" }

  /// A connection, not open yet, that makes the functions known where they are not.
  private func connection() -> RedisConnection {
    RedisConnection(
      to: deployment.endpoint(of: keys.topology), name: "fenliu-top",
      deadlines: RedisDeadlines(connect: .seconds(2), command: .seconds(3), idle: .seconds(3)),
      library: Functions.people)
  }

  /// One look.
  func lookOnce() async throws -> Overview {
    let connection = connection()
    try await connection.connect()
    let overview = try await Self.read(OverviewReader(keys, only: shop), on: connection).overview
    await connection.close()
    try requireShop(in: overview)
    return overview
  }

  /// Looks every interval until the task is cancelled; connects again where that is needed.
  func look(_ take: @Sendable (Result<Overview, RedisError>) -> Void) async {
    let connection = connection()
    var reader = OverviewReader(keys, only: shop)
    let clock = ContinuousClock()
    while !Task.isCancelled {
      let next = clock.now + interval
      do throws(RedisError) {
        if await !connection.isConnected { try await connection.connect() }
        let (overview, changed) = try await Self.read(reader, on: connection)
        reader = changed
        take(.success(overview))
      } catch {
        take(.failure(error))
      }
      try? await clock.sleep(until: next)
    }
    await connection.close()
  }

  /// Refuses to go on when the one shop to look at is none.
  func requireShop(in overview: Overview) throws {
    guard let shop, overview.shops.isEmpty else { return }
    throw CommandFailure(
      "shop \(shop) has no configuration under \(keys.prefix); without a shop, top shows those that have")
  }

  private static func read(
    _ reader: OverviewReader, on connection: isolated RedisConnection
  ) throws(RedisError) -> (overview: Overview, reader: OverviewReader) {
    var reader = reader
    return (try reader.read(on: connection), reader)
  }
}
