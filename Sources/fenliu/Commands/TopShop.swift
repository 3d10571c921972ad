import Routing
import RoutingStore

/// The part of a frame that shows one shop.
struct TopShop {
  let shop: Overview.Shop
  let at: Moment

  /// Its groups and its agents. The first shop comes before the machinery when room is short, others after it.
  func blocks(index: Int) -> [FrameBlock] {
    let importance = index == 0 ? 0 : 5 + index * 2
    return [groups(importance), agents(importance + 1)]
  }

  private var title: StyledLine {
    var line = StyledLine("shop \(shop.shop)", .bold)
    line.add("  configuration \(shop.version)", .dim)
    if shop.settled < shop.version { line.add("  coming into force", .warning) }
    return line
  }

  private func groups(_ importance: Int) -> FrameBlock {
    var table = TextTable([
      .init(title: "GROUP"), .init(title: "WAITING", isNumber: true),
      .init(title: "NEXT WAITED", isNumber: true), .init(title: "ONLINE", isNumber: true),
      .init(title: "SLOTS", isNumber: true), .init(title: "BUSY", isNumber: true),
      .init(title: "WITH ROOM", isNumber: true),
    ])
    for group in shop.groups {
      let busy = group.busy.map { "\(Int(($0 * 100).rounded()))%" } ?? "–"
      let isFull = group.withRoom == 0 && group.online > 0
      table.rows.append([
        (group.group.rawValue, .plain), ("\(group.waiting)", group.waiting > 0 ? .warning : .plain),
        (group.nextWaited.map(Self.duration) ?? "–", group.nextWaited == nil ? .plain : .warning),
        ("\(group.online)", group.online == 0 ? .bad : .plain), ("\(group.slots)", .plain),
        (busy, isFull ? .warning : .plain), ("\(group.withRoom)", isFull ? .warning : .plain),
      ])
    }
    let (heading, rows) = table.lines()
    return FrameBlock(heading: [StyledLine(), title, heading], rows: rows, importance: importance)
  }

  private func agents(_ importance: Int) -> FrameBlock {
    var table = TextTable([
      .init(title: "AGENT"), .init(title: "STATUS"), .init(title: "LOAD", most: Self.barCells),
      .init(title: ""), .init(title: "GROUPS", most: 200),
    ])
    // Those who work first: of a long list the others are cut.
    let order = ["online": 0, "paused": 1]
    let sorted = shop.agents.enumerated().sorted {
      (order[$0.element.status] ?? 2, $0.offset) < (order[$1.element.status] ?? 2, $1.offset)
    }
    for (_, agent) in sorted {
      let groups = agent.groups.map(\.rawValue).joined(separator: " ")
      table.rows.append([
        (agent.agent.rawValue, .plain),
        agent.slow > 0 ? ("\(agent.status), slow", .warning) : (agent.status, Self.style(agent.status)),
        (Self.bar(agent), agent.load >= agent.capacity ? .warning : .good),
        ("\(agent.load)/\(agent.capacity)", .plain), (groups, .dim),
      ])
    }
    var (heading, rows) = table.lines()
    if shop.agents.isEmpty { rows = [StyledLine("  nobody has been online yet", .dim)] }
    if shop.hasMoreAgents { rows.append(StyledLine("  and further agents that are not read", .dim)) }
    if shop.agents.isEmpty { heading = StyledLine("  AGENT", .dim) }
    return FrameBlock(heading: [StyledLine(), heading], rows: rows, importance: importance)
  }

  private static let barCells = 10

  private static func bar(_ agent: Overview.Agent) -> String {
    let share = agent.capacity > 0 ? Double(agent.load) / Double(agent.capacity) : agent.load > 0 ? 1 : 0
    // One conversation of many is seen too, and the bar is full only when the agent is.
    var filled = Int((share * Double(barCells)).rounded(.down))
    if agent.load > 0 { filled = max(1, filled) }
    filled = min(barCells, filled)
    return String(repeating: "█", count: filled) + String(repeating: "░", count: barCells - filled)
  }

  private static func style(_ status: String) -> TextStyle {
    switch status {
    case "online": .good
    case "paused": .warning
    default: .dim
    }
  }

  /// `8s`, `3m05s`, `2h07m`, `4d02h`.
  static func duration(_ time: Milliseconds) -> String {
    let seconds = time.rawValue / 1_000
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3_600 { return "\(seconds / 60)m\(two(seconds % 60))s" }
    if seconds < 86_400 { return "\(seconds / 3_600)h\(two(seconds / 60 % 60))m" }
    return "\(seconds / 86_400)d\(two(seconds / 3_600 % 24))h"
  }
}
