/// What the checker keeps of partitions beside their lease hashes.
struct LeaseHistory {
  private struct Epoch: Hashable {
    var partition: Int
    var epoch: Int64
  }

  private var owners: [Epoch: String] = [:]
  /// By partition and source: numbers whose events were applied, while the partition remembers the source.
  private var applied: [Int: [String: Set<Int64>]] = [:]

  /// The owner that an epoch had first; it is this one from now on if there was none.
  mutating func owner(of epoch: Int64, _ partition: Int, now owner: String) -> String {
    let key = Epoch(partition: partition, epoch: epoch)
    if let first = owners[key] { return first }
    owners[key] = owner
    return owner
  }

  /// Whether this is the first event of its source and number that is applied.
  mutating func isFirst(_ source: String, _ n: Int64, _ partition: Int) -> Bool {
    applied[partition, default: [:]][source, default: []].insert(n).inserted
  }

  func wasApplied(_ source: String, _ n: Int64, _ partition: Int) -> Bool {
    applied[partition]?[source]?.contains(n) == true
  }

  /// A partition remembers so many sources only: of those that it forgets repeats are not recognised.
  mutating func forget(_ partition: Int, _ write: [String]) {
    guard write[0] == "HDEL" else { return }
    for field in write.dropFirst(2) where field.hasPrefix("s:") {
      applied[partition]?[String(field.dropFirst(2))] = nil
    }
  }
}

// I2, I3, I4: who may write, and what position comes next.
extension AuditChecker {
  private func leaseField(_ partition: Int, _ name: String) -> String {
    ledger.field(keys.lease(partition), name) ?? ""
  }

  /// Before an entry's writes: whether it had the right to them.
  mutating func judgeRight(of entry: AuditEntry) {
    guard let partition = entry.partition, let owner = entry.owner, let epoch = entry.epoch else { return }
    let holder = leaseField(partition, "owner")
    let current = Int64(leaseField(partition, "epoch")) ?? 0
    let first = leases.owner(of: epoch, partition, now: owner)
    if first != owner {
      report(.fencing, "epoch \(epoch) of partition \(partition) is \(first)'s, and \(owner) wrote in it")
    }
    if entry.kind == "lease_take" {
      if epoch != current + 1 {
        report(.fencing, "\(owner) took partition \(partition) with epoch \(epoch) after \(current)")
      }
    } else if holder != owner || current != epoch {
      let holds = holder.isEmpty ? "nobody holds it" : "\(holder) holds it"
      report(
        .fencing,
        "\(entry.kind) by \(owner) in epoch \(epoch) of partition \(partition), but \(holds) in epoch \(current)"
      )
    }
    guard let claimed = entry.position else { return }
    let position = Int64(leaseField(partition, "position")) ?? 0
    if claimed < position {
      report(
        .effectsOnce, "position \(claimed) of partition \(partition) a second time; it is at \(position)")
    } else if claimed > position {
      report(.order, "position \(claimed) of partition \(partition), which is at \(position)")
    }
    judgeSource(of: entry, partition)
  }

  /// Before an entry's writes: a timer that fires was set, and is due by the time that the step holds for the present.
  mutating func judgeTimer(of entry: AuditEntry) {
    guard let timer = entry.timer else { return }
    guard let due = ledger.sortedSets[keys.due]?.score(of: timer) else {
      return report(.effectsOnce, "the timer \(timer) fired, which is not set")
    }
    if let at = entry.at, due > Double(at) {
      report(.effectsOnce, "the timer \(timer) fired \(Int64(due) - at) ms before it was due")
    }
  }

  private mutating func judgeSource(of entry: AuditEntry, _ partition: Int) {
    guard entry.isOfEvent, let source = entry.source, let n = entry.n else { return }
    let last = leaseField(partition, "s:" + source).split(separator: " ").first.flatMap { Int64($0) }
    if entry.reply == "duplicate" {
      if last ?? .min < n {
        report(.everyEventOnce, "event \(n) of \(source) was taken for a repeat and is none")
      }
      return
    }
    if !leases.isFirst(source, n, partition) {
      report(.effectsOnce, "event \(n) of \(source) was applied a second time")
    } else if let last, n <= last {
      report(.effectsOnce, "event \(n) of \(source) was applied after \(last) of it")
    }
  }

  /// After an entry's writes: whether the event went with them.
  mutating func judgeEvent(of step: Step) {
    let entry = step.entry
    guard let partition = entry.partition else { return }
    let ends = entry.isOfEvent && (entry.reply == "committed" || entry.reply == "duplicate")
    if entry.isOfEvent, !ends { report(.everyEventOnce, "\(entry.kind) answered \(entry.reply) and wrote") }
    if ends, step.popped != 1 {
      report(.everyEventOnce, "\(entry.kind) took \(step.popped) events from the list and not 1")
    } else if ends, entry.event == nil {
      report(.everyEventOnce, "\(entry.kind) was applied without an event in the list")
    } else if !ends, step.popped > 0 {
      report(.everyEventOnce, "\(entry.kind) took an event and applied none")
    }
    if ends, entry.kind == "event_reject", entry.reply == "committed", !step.meanings.contains(.dead) {
      report(.everyEventOnce, "an event was rejected and left no letter")
    }
    guard ends, let before = entry.position else { return }
    let position = leaseField(partition, "position")
    if position != String(before + 1) {
      report(.order, "partition \(partition) stands at \(position) after the event at \(before)")
    }
  }
}
