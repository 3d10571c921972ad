import HiredisClient
import Logging
import Routing
import RoutingStore
import Synchronization

/// What the parts of a worker know of commands that are held back until replicas have them.
final class HeldBack: Sendable {
  /// Beyond so many held commands partitions pause: replicas are away or late, and events wait in their lists.
  static let most: Int64 = 50_000

  private struct State {
    var durability: Durability?
    var isTooMuch = false
  }

  private let state = Mutex(State())

  /// What a beat told.
  func note(_ beat: BeatReply) {
    state.withLock {
      $0.durability = beat.durability
      $0.isTooMuch = beat.held > Self.most
    }
  }

  /// Nothing is known any more.
  func forget() { state.withLock { $0.isTooMuch = false } }

  /// How many replicas have to have a command before its gateway; 0 where it goes out at once.
  var replicas: Int { state.withLock { $0.durability?.replicas ?? 0 } }
  /// Whether so much is held that nothing shall be added.
  var isTooMuch: Bool { state.withLock { $0.isTooMuch } }
}

/// Hands out a shard's held commands once enough replicas have them, in the holder of partition 0, on a connection of its
/// own: a wait for a replica that is away must not hold up events, timers or renewals.
struct HeldRelease {
  private let context: WorkerContext
  private let fence: Fence
  private let partition: PartitionControl
  private let control: PartitionControl
  private var covered: Int64 = 0
  private var waitingSince: ContinuousClock.Instant?
  private var complained = false

  /// How long one wait for replicas may take; then it is looked whether the lease is still held.
  private static let patience = Duration.seconds(1)

  /// `partition` is the control of the loop of partition 0, `control` its own.
  init(
    _ context: WorkerContext, _ fence: Fence, of partition: PartitionControl, _ control: PartitionControl
  ) {
    (self.context, self.fence, self.partition, self.control) = (context, fence, partition, control)
  }

  /// Works until the lease is lost or given up, or commands are not held back any more.
  static func run(_ start: HeldRelease, on connection: isolated RedisConnection) async {
    var release = start
    start.context.options.failPoint?.watch(connection)
    while release.goesOn {
      do {
        if !connection.isConnected {
          try connection.connect()
          try PartitionLoop.expectHistory(release.context.history, on: connection)
          // What was covered was so at the server of the connection that is gone.
          release.covered = 0
        }
        try release.pass(on: connection)
        await Task.yield()
      } catch is PartitionLoop.LeaseLost {
        break
      } catch {
        release.context.logger.warning("held commands wait", metadata: ["error": "\(error)"])
        connection.close()
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    connection.close()
    release.control.noteEnd()
  }

  private var goesOn: Bool {
    !partition.ended && !partition.stopRequested && context.heldBack.replicas > 0
  }

  private mutating func pass(on connection: isolated RedisConnection) throws {
    let replicas = context.heldBack.replicas
    guard replicas > 0, let now = context.clock.now else { return }
    if covered == 0, waitingSince == nil {
      guard try HeldCommands.await(within: .milliseconds(500), shard: context.shard, on: connection) else {
        return
      }
    }
    guard
      let reply = try HeldCommands.release(
        fence, covered: covered, replicas: replicas, patience: Self.patience, now: now, shard: context.shard,
        on: connection)
    else { throw PartitionLoop.LeaseLost() }
    covered = reply.replicas >= replicas ? reply.held : 0
    note(reply.held, reply.replicas, replicas)
  }

  /// Says it once when replicas are away, and once when they are back.
  private mutating func note(_ held: Int64, _ having: Int64, _ wanted: Int) {
    guard held > 0, having < wanted else {
      if complained { context.logger.notice("enough replicas have the commands again") }
      (waitingSince, complained) = (nil, false)
      return
    }
    let since = waitingSince ?? .now
    waitingSince = since
    guard !complained, ContinuousClock.now - since > .seconds(2) else { return }
    complained = true
    context.logger.error(
      "commands are held back: not enough replicas have them",
      metadata: ["held": "\(held)", "replicas": "\(having)", "wanted": "\(wanted)"])
  }
}

extension PartitionLoop {
  /// Between two passes: a pause while too much is held back.
  static func makeRoom(
    _ context: WorkerContext, _ control: PartitionControl, on connection: isolated RedisConnection
  ) async {
    while context.heldBack.isTooMuch, !control.stopRequested {
      control.notePass()
      try? await Task.sleep(for: .milliseconds(20))
    }
  }
}
