import Routing

/// Shows a play while it runs: a picture drawn over itself on a terminal, a line now and then elsewhere.
struct Stage: Sendable {
  let names: ShopNames
  let speed: Double
  let live: Bool

  private static let cursorOff = "\u{1B}[?25l"
  private static let cursorOn = "\u{1B}[?25h"

  /// Shows what `view` gives until the task is cancelled, and its last state once more.
  func run(_ view: @Sendable () async -> Player.View) async {
    if live {
      var drawn = 0
      write(Self.cursorOff)
      while !Task.isCancelled {
        draw(await view(), over: &drawn)
        try? await Task.sleep(for: .milliseconds(200))
      }
      draw(await view(), over: &drawn)
      write(Self.cursorOn)
    } else {
      var told = 0
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(3))
        if !Task.isCancelled { report(await view(), told: &told) }
      }
    }
  }

  /// That nobody reads any more is no reason to leave the shop in the middle of the day.
  private func write(_ text: String) { try? Output.write(text) }

  /// One line with the sums, after the larger events since the last one.
  private func report(_ view: Player.View, told: inout Int) {
    let fresh = view.chronicle.latest.suffix(min(view.chronicle.latest.count, view.chronicle.count - told))
    told = view.chronicle.count
    for entry in fresh where entry.weight == .event && names.agents.count <= 20 {
      write("  \(ShopTime.clock(entry.time))  \(entry.text)\n")
    }
    let ledger = view.ledger
    let queues = names.groups.compactMap { group in
      ledger.waiting[group.id].flatMap { $0 > 0 ? "\(group.name) \($0)" : nil }
    }
    let load = ledger.agents.values.reduce(0) { $0 + $1.load }
    write(
      "\(ShopTime.clock(view.time))  came \(ledger.came), in service \(load), "
        + "waiting \(ledger.waitingNow)\(queues.isEmpty ? "" : " (\(queues.joined(separator: ", ")))"), "
        + "gone \(ledger.gone)\n")
  }

  private func draw(_ view: Player.View, over drawn: inout Int) {
    let size = Terminal.size ?? Terminal.Size(columns: 80, rows: 24)
    var lines = frame(view, ticker: 8)
    // One row stays free for the cursor; a picture higher than the terminal could not be drawn over.
    if lines.count > size.rows - 1 { lines = Array(lines.prefix(max(1, size.rows - 1))) }
    var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
    for line in lines { text += line.rendered(columns: size.columns - 1, colour: true) + "\u{1B}[K\n" }
    // What an earlier, higher picture left.
    if drawn > lines.count { text += "\u{1B}[J" }
    write(text)
    drawn = lines.count
  }

  /// The picture, line by line.
  func frame(_ view: Player.View, ticker: Int) -> [StyledLine] {
    let ledger = view.ledger
    var head = StyledLine(" \(names.shop)  ", .bold)
    head.add(ShopTime.clock(view.time), .plain)
    head.add("  (\(Self.factor(speed)) times as fast)", .dim)
    head.add("   came \(ledger.came)  gone \(ledger.gone)  gave up \(ledger.gaveUp)")
    var lines = [head, StyledLine()]

    let nameWidth =
      (names.groups.map(\.name) + names.agents.map(\.name)).map { Cells.width(of: $0) }.max() ?? 8
    for group in names.groups {
      let count = ledger.waiting[group.id] ?? 0
      var line = StyledLine(" ")
      line.add(Cells.left(group.name, nameWidth + 2))
      line.add(Cells.left("waiting \(count)", 13), count > 0 ? .warning : .dim)
      line.add(String(repeating: "●", count: min(count, 40)), .warning)
      lines.append(line)
    }
    lines.append(StyledLine())
    for agent in names.agents.prefix(20) {
      lines.append(row(of: agent, ledger.agents[agent.id] ?? .init(), nameWidth))
    }
    lines.append(StyledLine())
    let latest = view.chronicle.latest.suffix(ticker)
    for entry in latest {
      var line = StyledLine(" \(ShopTime.clock(entry.time))  ", .dim)
      line.add(entry.text, entry.weight == .event ? .bold : .plain)
      lines.append(line)
    }
    for _ in latest.count..<ticker { lines.append(StyledLine()) }
    return lines
  }

  private func row(
    of agent: (id: AgentID, name: String, capacity: Int), _ state: Ledger.Agent, _ nameWidth: Int
  ) -> StyledLine {
    var line = StyledLine(" ")
    line.add(Cells.left(agent.name, nameWidth + 2))
    let load = min(max(0, state.load), 20)
    let room = min(max(0, agent.capacity - load), 20)
    line.add(String(repeating: "■", count: load), .good)
    line.add(String(repeating: "□", count: room), .dim)
    line.add(String(repeating: " ", count: max(0, 8 - load - room)))
    let style: TextStyle =
      switch state.status {
      case .online: .good
      case .pause: .warning
      case .offline: .bad
      }
    line.add(Cells.left(state.status == .pause ? "on a break" : state.status.rawValue, 12), style)
    line.add("served \(state.served)", .dim)
    return line
  }

  /// `30`, `0.5`
  static func factor(_ speed: Double) -> String {
    speed == speed.rounded() ? "\(Int(speed))" : "\(speed)"
  }
}
