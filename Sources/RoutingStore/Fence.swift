/// The right to change a partition: who holds it and in which epoch. Every commit carries it.
public struct Fence: Sendable, Equatable {
  /// The worker's name, fresh for each process.
  public var owner: String
  /// Grows each time the partition changes hands.
  public var epoch: Int64
  /// Which partition of the shard.
  public var partition: Int

  /// Makes a fence.
  public init(owner: String, epoch: Int64, partition: Int) {
    self.owner = owner
    self.epoch = epoch
    self.partition = partition
  }
}
