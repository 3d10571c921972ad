import Routing

/// The end of a play, in words and numbers.
struct PlaySummary {
  let engine: PlayEngine
  let names: ShopNames
  let traffic: Player.Traffic
  /// Whether it was ended before its time.
  let interrupted: Bool
  /// What `fl_check` found; nil if it could not be asked.
  let violations: [String]?

  private var ledger: Ledger { engine.ledger }

  /// Whether the router did all that it promises, as far as a gateway can tell.
  var isSound: Bool {
    traffic.gaps == 0 && traffic.malformed.isEmpty && violations == [] && ledger.rejections.isEmpty
  }

  func lines() -> [String] { shopLines() + agentLines() + routerLines() }

  private func row(_ name: String, _ value: String) -> String { TextColumns.row(name, value) }

  private func shopLines() -> [String] {
    let ended = interrupted ? "Interrupted at " + ShopTime.clock(engine.clock.time()) : "The end"
    var lines = ["\(ended): shop \(names.shop), \(Stage.factor(engine.clock.speed)) times as fast"]
    let waits = ledger.waits
    var sorts = [
      "\(ledger.servedAtOnce) served at once", "\(waits.count) after a wait", "\(ledger.gaveUp) gave up",
    ]
    let turnedAway = ledger.entries.count { $0.phase == .closed(reason: "customer") && $0.waited == nil }
    if turnedAway > 0 { sorts.append("\(turnedAway) found the queue full") }
    if interrupted { sorts.append("\(engine.plan.visits.count - ledger.came) had yet to come") }
    lines.append(row("customers", "\(ledger.came): \(sorts.joined(separator: ", "))"))
    if !waits.isEmpty {
      lines.append(
        row(
          "waits",
          "median \(ShopTime.span(Quantile.of(waits, 0.5))), nine in ten within "
            + "\(ShopTime.span(Quantile.of(waits, 0.9))), longest \(ShopTime.span(waits.last ?? 0))"))
    }
    let longest = ledger.longestQueue
    if longest.count > 0 {
      lines.append(
        row(
          "queue",
          "\(longest.count) at most, at \(ShopTime.clock(longest.at)) for \(names.group(longest.group))"))
    }
    let idle = ledger.closed("idle")
    if ledger.requeues > 0 { lines.append(row("requeued", "\(ledger.requeues), after an agent went away")) }
    if idle > 0 { lines.append(row("fell silent", "\(idle), closed by the router")) }
    return lines
  }

  private func agentLines() -> [String] {
    let served = names.agents.prefix(20).map { "\($0.name) \(ledger.agents[$0.id]?.served ?? 0)" }
    return [row("served", served.joined(separator: ", ") + (names.agents.count > 20 ? ", …" : ""))]
  }

  private func routerLines() -> [String] {
    var lines = [
      row(
        "commands",
        "\(ledger.commands) taken, \(traffic.gaps) seq gaps, \(traffic.repeats) repeats")
    ]
    let answers = traffic.answers.sorted()
    if !answers.isEmpty {
      lines.append(
        row(
          "answers",
          "to a new customer in \(milliseconds(Quantile.of(answers, 0.5))) (median), "
            + "\(milliseconds(Quantile.of(answers, 0.99))) (99 of 100), in real time"))
    }
    for rejection in ledger.rejections.prefix(3) { lines.append(row("rejected", rejection)) }
    for malformed in traffic.malformed.prefix(3) { lines.append(row("malformed", malformed)) }
    switch violations {
    case nil: lines.append(row("fl_check", "could not be asked"))
    case []: lines.append(row("fl_check", "empty: every load, queue and place is consistent"))
    case let violations?:
      lines.append(row("fl_check", "\(violations.count) violations"))
      lines += violations.prefix(10).map { "    \($0)" }
    }
    return lines
  }

  private func milliseconds(_ microseconds: Int64) -> String {
    "\(microseconds / 1_000).\(microseconds / 100 % 10) ms"
  }
}

/// Rows of a name and a value.
enum TextColumns {
  static func row(_ name: String, _ value: String) -> String {
    "  " + name + String(repeating: " ", count: max(1, 13 - name.count)) + value
  }
}

/// Shares of sorted numbers.
enum Quantile {
  /// The smallest number that such a share of all does not exceed; `sorted` is not empty.
  static func of(_ sorted: [Int64], _ share: Double) -> Int64 {
    let rank = Int((share * Double(sorted.count)).rounded(.up))
    return sorted[min(sorted.count - 1, max(0, rank - 1))]
  }
}
