// I7 where commands wait for replicas: they are numbered when they are held back, and handed out later, in that order.
extension AuditChecker {
  private var heldKey: String { keys.base + "held" }

  /// `GATEWAY COMMAND`
  private static func split(_ element: String) -> (gateway: String, command: String)? {
    guard let space = element.firstIndex(of: " ") else { return nil }
    return (String(element[..<space]), String(element[element.index(after: space)...]))
  }

  private func holdsBack(_ entry: AuditEntry) -> Bool {
    entry.partition.map { ledger.field(keys.lease($0), "held") != nil } ?? false
  }

  /// Commands that are still held back for a gateway.
  func heldBack(for gateway: String) -> [[UInt8]] {
    (ledger.lists[heldKey] ?? []).compactMap(Self.split).filter { $0.gateway == gateway }.map {
      Array($0.command.utf8)
    }
  }

  /// A write to the list of commands that wait.
  mutating func playHeld(_ write: [String], _ step: inout Step) throws(LedgerError) {
    let before = ledger.lists[heldKey] ?? []
    try ledger.play(write)
    step.grown[heldKey] = .heldBack
    switch write[0] {
    case "RPUSH":
      if !holdsBack(step.entry) {
        report(.commands, "\(step.entry.kind) held back commands, and nothing says so")
      }
      for element in write.dropFirst(2) {
        guard let (gateway, command) = Self.split(element) else {
          report(.commands, "held back what is no command: \(element.prefix(200))")
          continue
        }
        step.gateways.insert(gateway)
        try note(["RPUSH", write[1], command], to: gateway)
      }
    case "LPOP":
      if step.entry.kind != "outbox_release", step.entry.kind != "durability_settle" {
        report(.commands, "\(step.entry.kind) took commands that were held back")
      }
      let count = before.count - (ledger.lists[heldKey]?.count ?? 0)
      for (gateway, command) in before.prefix(count).compactMap(Self.split) {
        step.released[gateway, default: []].append(command)
      }
    default:
      // Cut at its bound: these commands never come.
      let count = before.count - (ledger.lists[heldKey]?.count ?? 0)
      for (gateway, command) in before.prefix(count).compactMap(Self.split) {
        var history = history(of: gateway)
        history.drop(upTo: CommandHistory.seq(of: command) ?? 0)
        commands[gateway] = history
      }
    }
  }

  /// A write to a gateway's list: new commands, or those that were held back, each in its turn.
  mutating func playCommands(
    _ write: [String], to gateway: String, _ step: inout Step
  ) throws(LedgerError) {
    guard write[0] == "RPUSH" else { return try note(write, to: gateway) }
    guard step.entry.kind == "outbox_release" || step.entry.kind == "durability_settle" else {
      if holdsBack(step.entry) {
        report(.commands, "gateway \(gateway) was sent commands past those that are held back")
      }
      step.gateways.insert(gateway)
      return try note(write, to: gateway)
    }
    var released = step.released[gateway] ?? []
    for command in write.dropFirst(2) {
      if released.first == command {
        released.removeFirst()
      } else {
        report(
          .commands,
          "gateway \(gateway) was handed what was not the next one held back: \(command.prefix(200))")
      }
    }
    step.released[gateway] = released
  }

  /// After an entry: whether all that was taken from the list was handed out.
  mutating func judgeReleased(by step: Step) {
    for (gateway, left) in step.released where !left.isEmpty {
      report(.commands, "\(left.count) commands for gateway \(gateway) were held back and then lost")
    }
  }
}
