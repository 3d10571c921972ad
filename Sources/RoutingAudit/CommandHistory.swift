/// What entries sent to one gateway. Of each command only a hash of its text is kept.
struct CommandHistory {
  /// The `seq` of the last command before the audit, or of the last one that was judged and forgotten.
  private(set) var base: Int64
  /// By order; nil for one that no entry tells of.
  private var hashes: [Int?] = []
  /// Commands up to this `seq` were given up, since the gateway took none.
  private(set) var droppedUpTo: Int64 = 0

  init(base: Int64) { self.base = base }

  var last: Int64 { base + Int64(hashes.count) }

  /// Notes a command with its number. False if it is not the next one; those left out before it are taken as unknown.
  mutating func append(_ seq: Int64, _ text: String) -> Bool {
    let isNext = seq == last + 1
    guard seq > last, seq - last < 1_000_000 else { return false }
    while last + 1 < seq { hashes.append(nil) }
    hashes.append(text.hashValue)
    return isNext
  }

  /// Forgets commands up to this `seq`, which have been judged.
  mutating func forget(upTo seq: Int64) {
    guard seq > base else { return }
    hashes.removeFirst(min(hashes.count, Int(seq - base)))
    base = seq
  }

  mutating func drop(keeping count: Int64) { droppedUpTo = max(droppedUpTo, last - count) }

  /// Whether the command of this number has this text; nil if no entry wrote it.
  func matches(_ seq: Int64, _ text: String) -> Bool? {
    guard seq > base, seq <= last else { return nil }
    guard let hash = hashes[Int(seq - base - 1)] else { return true }
    return hash == text.hashValue
  }

  /// The `seq` of a command, which it begins with: `{"seq":12,…`.
  static func seq(of command: some StringProtocol) -> Int64? {
    guard command.hasPrefix(#"{"seq":"#) else { return nil }
    return Int64(command.dropFirst(7).prefix { $0.isASCII && $0.isNumber })
  }
}

// I7: commands.
extension AuditChecker {
  /// A write to a gateway's list.
  mutating func note(_ write: [String], to gateway: String) throws(LedgerError) {
    var history = commands[gateway] ?? CommandHistory(base: sentBefore[gateway].flatMap { Int64($0) } ?? 0)
    switch write[0] {
    case "RPUSH":
      for text in write.dropFirst(2) {
        let last = history.last
        let seq = CommandHistory.seq(of: text)
        if !history.append(seq ?? 0, text) {
          report(
            .commands,
            "gateway \(gateway) was sent command \(seq.map(String.init) ?? "without seq") after \(last)")
        }
      }
    case "LTRIM":
      guard write.count == 4, let from = Int64(write[2]), from < 0, write[3] == "-1" else {
        throw LedgerError(command: write, reason: "a list of commands is cut at its beginning only")
      }
      history.drop(keeping: -from)
    default: throw LedgerError(command: write, reason: "not how commands are sent")
    }
    commands[gateway] = history
  }

  /// After an entry: whether the gateway's counter says what was sent.
  mutating func judgeCounter(of gateway: String) {
    let counted = ledger.field(keys.gateways, gateway) ?? "0"
    guard let last = commands[gateway]?.last, counted != String(last) else { return }
    report(.commands, "gateway \(gateway) was sent commands up to \(last), and counted are \(counted)")
  }

  /// At the end: what a gateway took and what is still there must be what entries wrote. Amid a run: up to the last
  /// that it took; what was written later is not missed yet.
  mutating func judgeTaken(by gateway: String, _ taken: [[UInt8]], left: [[UInt8]], isEnd: Bool = true) {
    let base = sentBefore[gateway].flatMap { Int64($0) } ?? 0
    let history = commands[gateway] ?? CommandHistory(base: base)
    var got: Set<Int64> = []
    var last = history.base
    for bytes in taken + left {
      let text = String(decoding: bytes, as: UTF8.self)
      guard let seq = CommandHistory.seq(of: text), let matches = history.matches(seq, text) else {
        if let seq = CommandHistory.seq(of: text), seq <= history.base { continue }
        violations.add(.commands, nil, "gateway \(gateway) got what no entry wrote: \(text.prefix(200))")
        continue
      }
      if !matches {
        violations.add(
          .commands, nil, "gateway \(gateway) got command \(seq) otherwise than written: \(text.prefix(200))")
      }
      if seq <= last, !got.contains(seq) {
        violations.add(.commands, nil, "gateway \(gateway) got command \(seq) after \(last)")
      }
      got.insert(seq)
      last = max(last, seq)
    }
    let judged = isEnd ? history.last : min(history.last, last)
    let dropped = min(history.droppedUpTo, judged)
    if dropped > history.base {
      let missing = (history.base + 1...dropped).count { !got.contains($0) }
      let counted = Int(ledger.field(keys.dropped, gateway) ?? "") ?? 0
      if missing > counted {
        violations.add(
          .commands, nil, "\(missing) commands of gateway \(gateway) were dropped, and counted are \(counted)"
        )
      }
    }
    var seq = max(history.base, history.droppedUpTo) + 1
    while seq <= judged {
      guard !got.contains(seq) else {
        seq += 1
        continue
      }
      let first = seq
      while seq <= judged, !got.contains(seq) { seq += 1 }
      violations.add(.commands, nil, "gateway \(gateway) never got commands \(first) to \(seq - 1)")
    }
    commands[gateway]?.forget(upTo: judged)
  }
}
