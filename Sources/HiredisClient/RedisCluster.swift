/// A cluster, as a URL names it: some of its nodes, any of which knows the others.
public struct RedisCluster: Sendable, Hashable, CustomStringConvertible {
  /// The port of a node for which none is given.
  public static let standardPort: UInt16 = 6379

  /// The nodes to ask first.
  public let seeds: [RedisPlace]

  /// A cluster by some of its nodes.
  public init(_ seeds: [RedisPlace]) { self.seeds = seeds }

  /// `host:port,host:port`.
  public var description: String { seeds.map(\.description).joined(separator: ",") }
}
