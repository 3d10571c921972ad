import Routing

/// An event that an entry took from a list.
struct TakenEvent {
  /// What entries keep of an event: enough to know it by.
  struct Mark: Hashable {
    static let length = 1_024
    let start: [UInt8]
    let bytes: Int

    init(_ raw: [UInt8]) {
      start = Array(raw.prefix(Self.length))
      bytes = raw.count
    }

    init(start: [UInt8], bytes: Int) {
      self.start = start
      self.bytes = bytes
    }
  }

  let mark: Mark
  let entry: Int64?
  let kind: String
  let reply: String
  let source: String?
  let n: Int64?

  init(_ entry: AuditEntry) {
    mark = Mark(start: entry.event ?? [], bytes: entry.bytes ?? 0)
    self.entry = entry.number
    kind = entry.kind
    reply = entry.reply
    source = entry.source
    n = entry.n
  }

  /// One that is still in the list.
  init(pending raw: [UInt8]) {
    mark = Mark(raw)
    entry = nil
    kind = ""
    reply = ""
    source = nil
    n = nil
  }

  /// The beginning, for a person.
  var words: String { String(decoding: mark.start.prefix(160), as: UTF8.self) }
}

// I1 and I3: what was pushed, and what became of it.
extension AuditChecker {
  /// What was taken and what is left must be what was pushed, in that order; only what was pushed in doubt may be missing.
  mutating func judgeEvents(of partition: Int, pushed: [PushedEvent], left: [[UInt8]]) {
    let found = (taken[partition] ?? []) + left.map(TakenEvent.init(pending:))
    // How many of each there are that have not been matched.
    var toCome: [TakenEvent.Mark: Int] = [:]
    for event in found { toCome[event.mark, default: 0] += 1 }
    var expected: [TakenEvent.Mark: Int] = [:]
    for event in pushed { expected[TakenEvent.Mark(event.raw), default: 0] += 1 }
    // Those found before their turn; when their turn comes they are passed over.
    var early: [TakenEvent.Mark: Int] = [:]
    // Those that came by a push in doubt; the push was repeated, and the repeat need not be there too.
    var spare: [TakenEvent.Mark: Int] = [:]
    func isLost(_ event: PushedEvent, _ mark: TakenEvent.Mark) -> Bool {
      guard event.isCertain else { return false }
      guard spare[mark, default: 0] > 0 else { return true }
      spare[mark, default: 0] -= 1
      return false
    }
    var index = 0
    for event in found {
      toCome[event.mark, default: 0] -= 1
      while index < pushed.count, TakenEvent.Mark(pushed[index].raw) != event.mark {
        let mark = TakenEvent.Mark(pushed[index].raw)
        if early[mark, default: 0] > 0 {
          early[mark, default: 0] -= 1
        } else if toCome[mark, default: 0] == 0 {
          expected[mark, default: 0] -= 1
          if isLost(pushed[index], mark) { reportLost(pushed[index], partition) }
        } else if pushed[index].isCertain || expected[event.mark, default: 0] == 0 {
          break
        } else {
          // In doubt, and the certain one of the same bytes may come later.
          expected[mark, default: 0] -= 1
        }
        index += 1
      }
      guard expected[event.mark, default: 0] > 0 else {
        violations.add(
          .everyEventOnce, event.entry,
          "partition \(partition) has an event that was not pushed, or once more than pushed: \(event.words)")
        continue
      }
      expected[event.mark, default: 0] -= 1
      if index < pushed.count, TakenEvent.Mark(pushed[index].raw) == event.mark {
        judgeMatch(event, pushed[index])
        if !pushed[index].isCertain { spare[event.mark, default: 0] += 1 }
        index += 1
      } else {
        early[event.mark, default: 0] += 1
        violations.add(
          .order, event.entry,
          "partition \(partition) has an event before others that were pushed earlier: \(event.words)")
      }
    }
    while index < pushed.count {
      let mark = TakenEvent.Mark(pushed[index].raw)
      if early[mark, default: 0] > 0 {
        early[mark, default: 0] -= 1
      } else if isLost(pushed[index], mark) {
        reportLost(pushed[index], partition)
      }
      index += 1
    }
  }

  private mutating func reportLost(_ event: PushedEvent, _ partition: Int) {
    let name = event.source.map { "\(event.n ?? 0) of \($0)" } ?? ""
    violations.add(
      .everyEventOnce, nil,
      "partition \(partition) lost an event \(name): \(String(decoding: event.raw.prefix(160), as: UTF8.self))"
    )
  }

  /// What was applied is what was taken: its own number, its own function.
  private mutating func judgeMatch(_ event: TakenEvent, _ pushed: PushedEvent) {
    guard event.entry != nil, event.kind != "event_reject" else { return }
    if let source = pushed.source, event.source != source || event.n != pushed.n {
      violations.add(
        .everyEventOnce, event.entry,
        "event \(pushed.n ?? 0) of \(source) was taken, and \(event.n ?? 0) of \(event.source ?? "none") applied"
      )
    }
    guard case .success(let decoded) = EventDecoder.decode(pushed.raw) else { return }
    if !Self.functions(for: decoded.kind).contains(event.kind) {
      violations.add(.everyEventOnce, event.entry, "\(event.kind) took the event \(event.words)")
    }
  }

  /// The functions that may apply an event.
  private static func functions(for kind: Event.Kind) -> Set<String> {
    switch kind {
    case .open: ["conversation_open"]
    case .message: ["conversation_message", "conversation_relay", "conversation_listen"]
    case .handoff: ["conversation_handoff"]
    case .status: ["conversation_status"]
    case .close: ["conversation_close"]
    case .transfer: ["conversation_transfer"]
    case .accept: ["conversation_accept"]
    case .rate: ["conversation_rate"]
    case .agentOnline: ["agent_online"]
    case .agentPause: ["agent_pause"]
    case .agentOffline: ["agent_offline"]
    case .agentHeartbeat: ["agent_heartbeat"]
    case .customerUpdate: ["customer_update"]
    case .customerForget: ["customer_forget"]
    case .emergency: ["shop_emergency"]
    }
  }
}
