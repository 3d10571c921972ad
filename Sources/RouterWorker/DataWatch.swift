import HiredisClient
import Logging
import Routing
import RoutingStore

/// Watches to which history of writes a shard's data belongs, and settles what another one means, before a lease is
/// taken in it: Redis that has started again, or a replica that took over, may lack the last moments.
struct DataWatch {
  /// The history that was found last; nil before the first look, and where the user may not look.
  private(set) var history: String?
  /// What was seen of it last, as far as it counts.
  private var seen: Dataset?
  private let context: WorkerContext

  init(_ context: WorkerContext) { self.context = context }

  /// Looks. `replicas` is how many have to have what gateways are told, as far as is known.
  mutating func look(replicas: Int, on connection: isolated RedisConnection) throws(RedisError) {
    guard let present = try Dataset.read(on: connection) else { return }
    var replicas = replicas
    // Before the first beat this says how many; else all that was seen would seem to have been told to gateways.
    if present.history != history { replicas = try settle(present, on: connection).replicas }
    history = present.history
    seen = present.covered(by: replicas)
  }

  /// Settles it; gives the durability that is chosen.
  private func settle(
    _ present: Dataset, on connection: isolated RedisConnection
  ) throws(RedisError) -> Durability {
    let chosen = try Durability.read(context.shard, on: connection)
    let durability: Durability
    if let chosen { durability = chosen } else { durability = try .inferred(on: connection) }
    let succession = seen.map { present.succession(after: $0) }
    let time = try connection.send("TIME").array ?? []
    let reply = try Generations.settle(
      present, missing: Self.missing(present, succession, durability), shard: context.shard,
      partitions: context.partitions, now: Moment((time.first?.integer ?? 0) * 1_000), on: connection)
    log(reply.outcome, reply.generation, succession, connection.server)
    return durability
  }

  /// What may be missing at a server with another history than the one seen before. In the mode `fast` nobody can know that
  /// nothing is: whoever saw the old primary last saw it before its last write.
  static func missing(
    _ present: Dataset, _ succession: Dataset.Succession?, _ durability: Durability
  ) -> Generations.Missing {
    switch durability.mode {
    case .always: return present.isOfItsOwn ? .nothing : .some
    case .replicated:
      if case .missing? = succession { return .seen }
      return .unseen
    case .fast: return .some
    }
  }

  private func log(
    _ outcome: Generations.Outcome, _ generation: Int64, _ succession: Dataset.Succession?,
    _ server: RedisEndpoint?
  ) {
    var metadata: Logger.Metadata = ["generation": "\(generation)"]
    if let server { metadata["server"] = "\(server)" }
    switch outcome {
    case .begun:
      guard history != nil else { break }
      context.logger.error("Redis is empty: all that it held is lost", metadata: metadata)
    case .same:
      guard history != nil else { break }
      context.logger.info("another history of data, as another worker has settled", metadata: metadata)
    case .kept:
      context.logger.notice("Redis has started again and has everything", metadata: metadata)
    case .complete:
      context.logger.notice(
        "a new primary: nothing is missing that gateways were told", metadata: metadata)
    case .lost:
      if case .missing(let bytes)? = succession { metadata["bytes-lost-at-least"] = "\(bytes)" }
      // Nothing tells a shard that was moved from one whose new primary never followed the old one.
      let unless = context.endpoint.isInCluster ? ", unless the shard was moved to another node" : ""
      context.logger.error(
        """
        Redis may have lost its last moments\(unless): a new generation has begun, the numbers of commands jump, \
        gateways push again what they pushed last
        """, metadata: metadata)
    }
  }
}

extension PartitionLoop {
  /// The connection leads to a server that has started again, or to another one, since the lease was taken.
  struct OtherHistory: Error, CustomStringConvertible {
    var description: String { "Redis has data of another history than when the lease was taken" }
  }

  /// A lease counts only in the history of data that its worker has settled: elsewhere numbers of commands might be given
  /// a second time. Asked once for each connection, which belongs to one server.
  static func expectHistory(_ history: String?, on connection: isolated RedisConnection) throws {
    guard let history, let present = try Dataset.read(on: connection) else { return }
    if present.history != history { throw OtherHistory() }
  }
}
