import HiredisClient
import Logging
import RoutingStore

/// Lets the shard's keeper work as long as this worker holds partition 0, on a connection and thread of its own: events of the
/// partition do not wait for timers and counting, nor these for a long batch.
///
/// Each of its calls is fenced by the lease of partition 0, so what comes late changes nothing.
enum KeeperLoop {
  /// Works until the lease is lost or given up.
  ///
  /// - Parameters:
  ///   - partition: the control of the loop of partition 0.
  ///   - control: its own.
  static func run(
    on connection: isolated RedisConnection, context: WorkerContext, fence: Fence,
    of partition: PartitionControl, control: PartitionControl
  ) async {
    defer { control.noteEnd() }
    var keeper = Keeper(context, fence)
    while !partition.ended, !partition.stopRequested {
      do {
        if !connection.isConnected {
          try connection.connect()
          try PartitionLoop.expectHistory(context.history, on: connection)
          context.options.watch(connection, as: context.partitions)
          // What it knew was so at the server of the connection that is gone.
          keeper = Keeper(context, fence)
        }
        // While too much is held back nothing is added.
        if context.heldBack.isTooMuch {
          try? await Task.sleep(for: .milliseconds(20))
          continue
        }
        let next = try context.gate.together { try keeper.pass(at: .now, on: connection) }
        // Ends at once when the partition is handed over.
        try? await Task.sleep(until: next)
      } catch is PartitionLoop.LeaseLost {
        break
      } catch {
        context.logger.warning("the keeper was interrupted", metadata: ["error": "\(error)"])
        connection.close()
        try? await Task.sleep(for: .milliseconds(100))
      }
    }
    connection.close()
  }
}
