import HiredisClient

/// Who held which partition, as seen by somebody who looks now and then: epochs and positions never go back, and an
/// epoch has one owner.
struct LeaseWatch: Sendable {
  private struct Seen: Sendable {
    var owner = ""
    var epoch: Int64 = 0
    var position: Int64 = 0
  }

  private var seen: [Int: Seen] = [:]

  /// Takes in `owner`, `epoch` and `position` of a partition; what is wrong with them.
  mutating func look(_ row: [RedisValue], at partition: Int) -> [String] {
    guard row.count == 3, let epoch = row[1].integer, let position = row[2].integer else { return [] }
    let owner = row[0].text ?? ""
    let last = seen[partition] ?? Seen()
    // Nobody holds what was released; the epoch stays until the next one takes it.
    let next = Seen(
      owner: owner.isEmpty && epoch == last.epoch ? last.owner : owner, epoch: epoch, position: position)
    seen[partition] = next
    var wrong: [String] = []
    if epoch < last.epoch { wrong.append("partition \(partition): epoch \(epoch) after \(last.epoch)") }
    if position < last.position {
      wrong.append("partition \(partition): position \(position) after \(last.position)")
    }
    if epoch == last.epoch, !last.owner.isEmpty, next.owner != last.owner {
      wrong.append("partition \(partition): epoch \(epoch) is of \(last.owner) and of \(next.owner)")
    }
    return wrong
  }
}
