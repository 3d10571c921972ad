// I4 and I7 where the data's history is another one: then, and only then, epochs and numbers of commands jump.
extension AuditChecker {
  /// How far numbers of commands jump; `generation.lua` has the same.
  private static let jump: Int64 = 1_000_000

  /// Before the writes of a new generation: each epoch goes on by one and is nobody's, and if something is lost, the number
  /// of every gateway jumps.
  mutating func judgeGeneration(_ step: Step) {
    var voided: Set<String> = []
    var moved: Set<String> = []
    for (write, meaning) in zip(step.entry.writes, step.meanings) {
      switch meaning {
      case .lease(let partition):
        voided.insert(write[1])
        judgeVoid(Step.fields(of: write), write[1], partition)
      case .gateways:
        for (gateway, number) in Step.fields(of: write) {
          moved.insert(gateway)
          judgeJump(of: gateway, to: Int64(number) ?? 0)
        }
      default: report(.boundsAndRecord, "a new generation writes \(write.dropFirst().first ?? "")")
      }
    }
    for (key, fields) in ledger.hashes where fields["epoch"] != nil && !voided.contains(key) {
      if case .lease(let partition) = keys.meaning(of: key) {
        report(.fencing, "a new generation leaves partition \(partition) with its epoch")
      }
    }
    let all = Set((ledger.hashes[keys.gateways] ?? [:]).keys)
    if moved != (step.entry.reply == "lost" ? all : []) {
      report(
        .commands, "a new generation, \(step.entry.reply), moves \(moved.count) of \(all.count) gateways")
    }
  }

  private mutating func judgeVoid(_ fields: [String: String], _ key: String, _ partition: Int) {
    let current = Int64(ledger.field(key, "epoch") ?? "0") ?? 0
    if fields != ["owner": "", "epoch": String(current + 1)] {
      report(
        .fencing,
        "a new generation leaves partition \(partition) to '\(fields["owner"] ?? "-")' in epoch "
          + "\(fields["epoch"] ?? "-") after \(current)")
    }
  }

  private mutating func judgeJump(of gateway: String, to number: Int64) {
    let current = Int64(ledger.field(keys.gateways, gateway) ?? "0") ?? 0
    if number != current + Self.jump {
      report(.commands, "a new generation moves gateway \(gateway) from \(current) to \(number)")
    }
    var history = history(of: gateway)
    guard number > history.last else { return }
    history.jump(to: number)
    commands[gateway] = history
  }

  /// Epochs change when a lease is taken, or all at once.
  mutating func judgeLeaseWrite(_ write: [String], _ partition: Int, by entry: AuditEntry) {
    guard write[0] == "HSET", Step.fields(of: write)["epoch"] != nil else { return }
    if entry.kind != "lease_take", entry.kind != "generation_settle" {
      report(.fencing, "\(entry.kind) changes the epoch of partition \(partition)")
    }
  }

  /// Numbers of commands are counted, and jump in a new generation only.
  mutating func judgeCounting(_ write: [String], by entry: AuditEntry) {
    if write[0] != "HINCRBY", entry.kind != "generation_settle" {
      report(.commands, "\(entry.kind) sets numbers of commands")
    }
  }
}
