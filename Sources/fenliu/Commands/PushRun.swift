import Foundation
import HiredisClient
import Routing
import RoutingStore

/// One run of `fenliu push`: lines in, events out, in batches; lives on the connection's thread.
struct PushRun {
  private static let batchCount = 512
  private static let batchBytes = 1 << 20

  /// The key names.
  let keys: Keys
  /// The shards and partitions.
  let topology: Topology
  /// Whether lines that are no events are pushed too.
  let pushesAsIs: Bool
  /// Whether full partitions are waited for.
  let waits: Bool
  /// How many replicas must have an event before it counts as pushed.
  let replicas: Int

  /// How many events each partition has taken.
  private(set) var totals: [InboxPush.Place: Int] = [:]
  /// How many lines were refused.
  private(set) var refused = 0
  private var memory = PartitionMemory()
  private var push = InboxPush()
  private var line = 0

  /// Nothing done yet.
  init(keys: Keys, topology: Topology, pushesAsIs: Bool, waits: Bool, replicas: Int = 0) {
    self.keys = keys
    self.topology = topology
    self.pushesAsIs = pushesAsIs
    self.waits = waits
    self.replicas = replicas
  }

  /// Pushes everything. A batch leaves when it is full, and before the input is waited for.
  static func run(
    _ start: PushRun, _ input: consuming PushInput, on connection: isolated RedisConnection
  ) throws -> PushRun {
    var run = start
    while true {
      switch try input.next(mayWait: run.push.isEmpty) {
      case .line(let bytes):
        run.take(bytes, input.name)
        if run.push.count >= batchCount || run.push.bytes >= batchBytes { try run.flush(on: connection) }
      case .tooLong:
        run.line += 1
        run.refuse("is longer than \(PushInput.longestLine) bytes", input.name)
      case .notYet: try run.flush(on: connection)
      case .end:
        try run.flush(on: connection)
        return run
      }
    }
  }

  // MARK: In

  private mutating func take(_ bytes: [UInt8], _ name: String) {
    line += 1
    var bytes = bytes
    if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let first = bytes.first(where: { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }),
      first != UInt8(ascii: "#")
    else { return }
    switch EventDecoder.decode(bytes) {
    case .success(let event):
      let shard = Partitioning.shard(of: event.shop, shards: topology.shards)
      let partition = memory.partition(of: event, partitions: topology.partitions)
      push.add(
        bytes, line: line, to: InboxPush.Place(shard: shard, partition: partition),
        isRepeatable: event.source != nil && event.n != nil)
    case .failure(let rejection):
      if pushesAsIs {
        push.add(bytes, line: line, to: place(of: rejection))
      } else {
        refuse(rejection.error, name)
      }
    }
  }

  private mutating func refuse(_ reason: String, _ name: String) {
    refused += 1
    Output.notice("\(name):\(line): \(reason)")
  }

  /// Where a line that is no event goes: by what could be read of it, or to the first partition.
  private func place(of rejection: Rejection) -> InboxPush.Place {
    let shard = rejection.shop.map { Partitioning.shard(of: $0, shards: topology.shards) } ?? 0
    let customer = rejection.customer.map {
      Partitioning.partition(of: $0, partitions: topology.partitions)
    }
    return InboxPush.Place(shard: shard, partition: customer ?? 0)
  }

  // MARK: Out

  private mutating func flush(on connection: isolated RedisConnection) throws {
    var pause: UInt32 = 10_000
    var noticed = false
    var reloads = 0
    var shard = -1
    while !push.isEmpty {
      let outcome: InboxPush.Outcome
      // What replicas do not have yet is pushed again if its primary is lost; the router ignores what it has had.
      let unconfirmed = push
      // In a cluster one shard at a time, each on its own connection; elsewhere all at once.
      let part = connection.endpoint.isInCluster ? push.shard(after: shard) : nil
      shard = part ?? shard
      do throws(RedisError) {
        outcome = try push.send(keys, only: part, on: connection)
        try awaitReplicas(on: connection)
      } catch .server(let error) where error.kind == .functionNotFound && reloads < topology.shards {
        // Nothing was pushed: somebody has removed the functions since the start, or this node never had them.
        try Functions.load(on: connection)
        reloads += 1
        shard -= 1
        continue
      } catch {
        if replicas > 0 { push = unconfirmed }
        try follow(error, on: connection)
        continue
      }
      totals.merge(outcome.pushed) { $0 + $1 }
      guard let full = outcome.full.first else { continue }
      guard waits else {
        throw CommandFailure("\(name(full)) is full: wait for the router, then push the rest. \(progress)")
      }
      if !noticed {
        Output.notice("\(name(full)) is full: waiting for the router (is `fenliu route` running?)")
        noticed = true
      }
      // On a thread of our own, and nothing else can be done meanwhile.
      usleep(pause)
      pause = min(pause * 2, 250_000)
    }
  }

  /// Waits until enough replicas have what was pushed on this connection.
  private func awaitReplicas(on connection: isolated RedisConnection) throws(RedisError) {
    guard replicas > 0 else { return }
    var noticed = false
    while true {
      let reply = try connection.send("WAIT", String(replicas), "1000", deadline: .seconds(10))
      guard let count = reply.integer else { throw .unexpectedReply("WAIT") }
      if count >= replicas { return }
      if !noticed {
        Output.notice("\(count) of \(replicas) replicas have the last events: waiting for the others")
      }
      noticed = true
    }
  }

  /// How long a failover may take before `push` gives up.
  private static let failover = Duration.seconds(60)

  /// Goes to the new primary after a failover, if sentinels or a cluster name it and nothing can be pushed twice.
  private func follow(_ error: RedisError, on connection: isolated RedisConnection) throws {
    guard connection.endpoint.mayFailOver, error.isRetriable else {
      throw CommandFailure("\(error). \(progress)")
    }
    guard push.isRepeatable || (!error.mayHaveTakenEffect && replicas == 0) else {
      throw CommandFailure(
        "\(error). \(progress). Events with a source and an n are pushed again by themselves, since the router "
          + "ignores what it has had")
    }
    Output.notice("the primary is away, looking for the new one: \(error)")
    let deadline = ContinuousClock.now + Self.failover
    while true {
      do throws(RedisError) {
        try connection.connect()
        try Functions.loadIfAllowed(on: connection)
        Output.notice("going on at \(connection.server.map { "\($0)" } ?? "the new primary")")
        return
      } catch {
        guard error.isRetriable, ContinuousClock.now < deadline else {
          throw CommandFailure("\(error). \(progress)")
        }
        usleep(50_000)
      }
    }
  }

  private func name(_ place: InboxPush.Place) -> String {
    "the inbox \(keys.shard(place.shard).inbox(place.partition))"
  }

  /// How far it has come, for the one who has to go on from there.
  private var progress: String {
    let count = totals.values.reduce(0, +)
    let rest = push.firstLine.map { "; line \($0) is the first of which this is not known" } ?? ""
    return "\(count) events were pushed\(rest)"
  }
}
