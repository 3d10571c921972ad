/// What entries sent to one gateway. Of each command only a hash of its text is kept.
struct CommandHistory {
  /// Commands whose numbers follow one another; nil for one that no entry tells of.
  private struct Stretch {
    var first: Int64
    var hashes: [Int?] = []
    var last: Int64 { first + Int64(hashes.count) - 1 }
  }

  /// The `seq` of the last command before the audit, or of the last one that was judged and forgotten.
  private(set) var base: Int64
  /// One, and one more for each generation in which the numbers jumped.
  private var stretches: [Stretch]
  /// Commands up to this `seq` were given up, since the gateway took none.
  private(set) var droppedUpTo: Int64 = 0

  init(base: Int64) {
    self.base = base
    stretches = [Stretch(first: base + 1)]
  }

  /// The `seq` of the last command, or the one before the next if the numbers have jumped.
  var last: Int64 { stretches[stretches.count - 1].last }

  /// The numbers that commands have, in order.
  var numbers: [ClosedRange<Int64>] {
    stretches.filter { !$0.hashes.isEmpty }.map { $0.first...$0.last }
  }

  /// Notes a command with its number. False if it is not the next one; those left out before it are taken as unknown.
  mutating func append(_ seq: Int64, _ text: String) -> Bool {
    let isNext = seq == last + 1
    guard seq > last, seq - last < 1_000_000 else { return false }
    let index = stretches.count - 1
    while stretches[index].last + 1 < seq { stretches[index].hashes.append(nil) }
    stretches[index].hashes.append(text.hashValue)
    return isNext
  }

  /// Forgets commands up to this `seq`, which have been judged.
  mutating func forget(upTo seq: Int64) {
    guard seq > base else { return }
    while stretches.count > 1, stretches[0].last <= seq { stretches.removeFirst() }
    let gone = min(max(0, seq - stretches[0].first + 1), Int64(stretches[0].hashes.count))
    stretches[0].hashes.removeFirst(Int(gone))
    stretches[0].first += gone
    base = seq
  }

  /// The next command has the number behind this one.
  mutating func jump(to seq: Int64) { stretches.append(Stretch(first: seq + 1)) }

  /// The oldest were removed, and so many are left.
  mutating func drop(keeping count: Int64) {
    var left = count
    for stretch in stretches.reversed() {
      let length = Int64(stretch.hashes.count)
      if length > left { return drop(upTo: stretch.last - left) }
      left -= length
    }
  }

  mutating func drop(upTo seq: Int64) { droppedUpTo = max(droppedUpTo, seq) }

  /// Whether the command of this number has this text; nil if no entry wrote it.
  func matches(_ seq: Int64, _ text: String) -> Bool? {
    guard let stretch = stretches.last(where: { $0.first <= seq }), seq <= stretch.last else { return nil }
    guard let hash = stretch.hashes[Int(seq - stretch.first)] else { return true }
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
  /// What a gateway was sent so far.
  func history(of gateway: String) -> CommandHistory {
    commands[gateway] ?? CommandHistory(base: sentBefore[gateway].flatMap { Int64($0) } ?? 0)
  }

  /// Commands that were written to a gateway.
  mutating func note(_ write: [String], to gateway: String) throws(LedgerError) {
    var history = history(of: gateway)
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
    let history = history(of: gateway)
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
    let missing = history.numbers.reduce(0) { missing, numbers in
      missing + numbers.prefix { $0 <= dropped }.count { !got.contains($0) }
    }
    let counted = Int(ledger.field(keys.dropped, gateway) ?? "") ?? 0
    if missing > counted {
      violations.add(
        .commands, nil, "\(missing) commands of gateway \(gateway) were dropped, and counted are \(counted)")
    }
    for numbers in history.numbers {
      var seq = max(numbers.lowerBound, history.droppedUpTo + 1)
      let end = min(numbers.upperBound, judged)
      while seq <= end {
        guard !got.contains(seq) else {
          seq += 1
          continue
        }
        let first = seq
        while seq <= end, !got.contains(seq) { seq += 1 }
        violations.add(.commands, nil, "gateway \(gateway) never got commands \(first) to \(seq - 1)")
      }
    }
    commands[gateway]?.forget(upTo: judged)
  }
}
