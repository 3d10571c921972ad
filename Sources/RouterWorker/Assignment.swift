/// Which worker serves which partition: rendezvous hashing, with at most an even share for each worker.
///
/// Every worker computes the same from the same member list, without a leader and without talk. A worker that
/// comes or goes moves few partitions beyond its own share.
enum Assignment {
  /// The worker of each partition. Empty if there are no members.
  static func targets(members: some Collection<String>, shard: Int, partitions: Int) -> [String] {
    let members = members.sorted()
    guard !members.isEmpty else { return [] }
    let share = (partitions + members.count - 1) / members.count
    var load: [String: Int] = [:]
    return (0..<partitions).map { partition in
      let ranked = ranking(members: members, shard: shard, partition: partition)
      let chosen = ranked.first { load[$0, default: 0] < share } ?? ranked[0]
      load[chosen, default: 0] += 1
      return chosen
    }
  }

  /// The members in the order in which they would serve the partition.
  static func ranking(members: [String], shard: Int, partition: Int) -> [String] {
    members
      .map { (member: $0, weight: weight(of: $0, shard: shard, partition: partition)) }
      .sorted { ($0.weight, $0.member) > ($1.weight, $1.member) }
      .map(\.member)
  }

  /// FNV-1a over member, shard and partition, then mixed so that near numbers lie far apart.
  private static func weight(of member: String, shard: Int, partition: Int) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in member.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash ^= UInt64(truncatingIfNeeded: shard) << 32 | UInt64(truncatingIfNeeded: partition)
    hash = (hash ^ (hash >> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ (hash >> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ (hash >> 33)
  }
}
