import HiredisClient
import Logging
import Routing
import RoutingStore
import Synchronization
import TestSupport

@testable import RouterWorker

/// One partition's loop within the test, on a real Redis, with every write that it makes.
final class LoopHarness: Sendable {
  let fleet: Fleet
  let control = PartitionControl()
  let context: WorkerContext
  let partition: Int
  private let connection: RedisConnection
  private let written: Writes

  /// The writes so far, each as the names of its commands: of a function its name without that of the library.
  final class Writes: Sendable {
    private let all = Mutex<[[String]]>([])
    var names: [[String]] { all.withLock { $0 } }
    func keep(_ bytes: [UInt8]) { all.withLock { $0.append(RESP.names(in: bytes)) } }
    func clear() { all.withLock { $0 = [] } }
  }

  /// - Parameter prefix: the shop's world, apart from those of other tests on the same server.
  init(_ server: RedisServer, prefix: String, partition: Int = 1) async throws {
    fleet = try await Fleet(server, prefix: prefix)
    self.partition = partition
    let written = Writes()
    self.written = written
    var options = WorkerOptions()
    // Not those of a keeper beside it.
    options.recorder = { stream, bytes in if stream == partition { written.keep(bytes) } }
    let clock = ServerClock()
    let time = try await fleet.send("TIME").array?.first?.integer ?? 0
    clock.synchronise(time: time * 1_000, sent: .now)
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    context = WorkerContext(
      owner: "tester", endpoint: server.endpoint, shard: fleet.keys.shard(0), partitions: 4, options: options,
      clock: clock, gate: PassGate(), configurations: ConfigurationCache(), logger: logger)
    connection = RedisConnection(to: server.endpoint, name: "loop-\(prefix)", library: Functions.work)
  }

  /// Takes the lease.
  private func take() async throws -> LeaseGrant {
    let other = RedisConnection(to: context.endpoint, library: Functions.work)
    try await other.connect()
    let free = LeaseView(owner: "", epoch: 0, renewal: 0)
    guard
      let grant = try await Leases.take(
        context.owner, partition: partition, watched: free, shard: context.shard, on: other)
    else { throw RedisError.unexpectedReply("the lease is not free") }
    return grant
  }

  /// The right to change the partition; takes the lease if it is free.
  func fence() async throws -> Fence {
    let epoch: Int64
    if let owner = try await fleet.send("HGET", context.shard.lease(partition), "owner").text, !owner.isEmpty
    {
      epoch = try await fleet.send("HGET", context.shard.lease(partition), "epoch").integer ?? 0
    } else {
      epoch = try await take().epoch
    }
    return Fence(owner: context.owner, epoch: epoch, partition: partition)
  }

  /// Takes the lease and lets the loop run.
  func start(_ change: (inout LeaseGrant) -> Void = { _ in }) async throws -> Task<Void, Never> {
    var grant = try await take()
    change(&grant)
    return Task { [grant] in
      await PartitionLoop.run(
        on: connection, context: context, partition: partition, grant: grant, control: control)
    }
  }

  /// Asks the loop to end, as its worker does, and waits until it has.
  func stop(_ task: Task<Void, Never>) async throws {
    control.requestStop()
    if let client = control.clientID { _ = try await fleet.send("CLIENT", "UNBLOCK", "\(client)") }
    await task.value
  }

  /// Waits until it has nothing to do and is blocked in the server.
  func isBlocked() async throws {
    try await eventually("the loop waits for events") {
      let clients = try await fleet.send("CLIENT", "LIST").text ?? ""
      let own = clients.split(separator: "\n").first { $0.contains(" name=\(connection.name) ") }
      return own?.contains(" flags=b") == true
    }
  }

  /// Pushes events together, waits until they are committed and the loop waits again; what it wrote meanwhile.
  func writes(for events: [String]) async throws -> [[String]] {
    let before = try await fleet.position(partition)
    written.clear()
    try await fleet.push(partition, events)
    try await eventually("they are committed") {
      try await fleet.position(partition) == before + Int64(events.count)
    }
    try await isBlocked()
    return written.names.filter { $0 != Self.look }
  }

  /// What has been written since.
  var writes: [[String]] { written.names }
  func forgetWrites() { written.clear() }

  /// A wait that has ended without an event, and begins anew.
  static let look = ["BLMOVE", "LRANGE"]
}

/// Just enough of the protocol to say what was sent.
private enum RESP {
  static func names(in bytes: [UInt8]) -> [String] {
    var names: [String] = []
    var rest = bytes[...]
    func line() -> Int {
      let end = rest.firstIndex(of: 13) ?? rest.endIndex
      defer { rest = rest[min(end + 2, rest.endIndex)...] }
      return Int(String(decoding: rest[rest.startIndex + 1..<end], as: UTF8.self)) ?? 0
    }
    while !rest.isEmpty {
      let words = (0..<line()).map { _ in
        let length = line()
        defer { rest = rest[(rest.startIndex + length + 2)...] }
        return String(decoding: rest.prefix(length), as: UTF8.self)
      }
      let isCall = words.first?.hasPrefix("FCALL") == true
      names.append(isCall ? words[1].replacing("\(Functions.work.name)_", with: "") : words[0])
    }
    return names
  }
}
