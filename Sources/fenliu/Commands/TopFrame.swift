import Routing
import RoutingStore

/// One frame of `fenliu top`, as lines.
struct TopFrame {
  /// What there is to show; nil before the first look.
  var overview: Overview?
  /// How it develops.
  var trend: TopTrend
  /// The server, without its password.
  var redis: String
  /// Why nothing newer can be shown.
  var trouble: String?
  /// What stands at the right of the title.
  var hint = ""

  /// The frame's lines, at most `rows` of them; all if that is nil.
  func lines(columns: Int, rows: Int?) -> [StyledLine] {
    var head = [title(columns)]
    if let trouble { head.append(StyledLine(trouble, .bad)) }
    guard let overview else { return head }
    head.append(totals(overview))
    var blocks = [workers(overview), partitions(overview)]
    if !overview.outboxes.isEmpty { blocks.append(outboxes(overview)) }
    for (index, shop) in overview.shops.enumerated() {
      blocks += TopShop(shop: shop, at: overview.at).blocks(index: index)
    }
    if overview.shops.isEmpty {
      let text = "no shop is configured yet: fenliu apply shop.yaml"
      blocks.append(FrameBlock(heading: [StyledLine(), StyledLine(text, .warning)], rows: [], importance: 0))
    }
    let body = LineBudget.lay(blocks, into: rows.map { $0 - head.count }) { count in
      StyledLine("… and \(count) more lists: a larger terminal, or `fenliu top SHOP` for one shop", .dim)
    }
    return Array((head + body).prefix(rows ?? .max))
  }

  // MARK: The head

  private func title(_ columns: Int) -> StyledLine {
    var line = StyledLine("fenliu top", .bold)
    let rest = "  \(redis)" + (overview.map { "  \(LocalTime.text($0.at))" } ?? "")
    let room = columns - 10 - Cells.width(of: hint)
    line.add(hint.isEmpty ? rest : Cells.left(rest, max(0, room)))
    line.add(hint, .dim)
    return line
  }

  private func totals(_ overview: Overview) -> StyledLine {
    let waiting = overview.shops.joined(\.groups).reduce(0) { $0 + $1.waiting }
    let agents = overview.shops.joined(\.agents)
    let online = agents.count { $0.status == "online" }
    let backlog = overview.partitions.reduce(0) { $0 + $1.backlog }
    let commands = overview.outboxes.reduce(0) { $0 + $1.length }
    var line = StyledLine("waiting \(waiting)", waiting > 0 ? .warning : .plain)
    line.add("   online \(online)   held \(agents.reduce(0) { $0 + $1.load })")
    line.add("   backlog ")
    line.add("\(backlog)", backlog > 0 ? .warning : .plain)
    if let rate = trend.rate { line.add("   \(Self.rate(rate)) events/s") }
    line.add("   outboxes \(commands)")
    if overview.heldBack > 0 { line.add("   waiting for replicas \(overview.heldBack)", .warning) }
    line.add("   dead letters ")
    line.add("\(overview.deadLetters)", overview.deadLetters > 0 ? .bad : .plain)
    return line
  }

  // MARK: The machinery

  private func workers(_ overview: Overview) -> FrameBlock {
    guard !overview.workers.isEmpty else {
      let text = "no worker is running: start one with `fenliu route`"
      return FrameBlock(heading: [StyledLine(), StyledLine(text, .bad)], rows: [], importance: 3)
    }
    var table = TextTable([
      .init(title: "WORKER", most: 60), .init(title: "PARTITIONS", isNumber: true), .init(title: ""),
    ])
    for worker in overview.workers {
      // A worker signs in five times in each lease time, which is 1500ms unless somebody chose another.
      let silence = trend.silence(of: worker.name).flatMap { $0 >= .seconds(3) ? $0 : nil }
      let state = silence.map { "no sign for \(TopShop.duration($0))" } ?? ""
      table.rows.append([(worker.name, .plain), ("\(worker.partitions)", .plain), (state, .warning)])
    }
    return block(table, importance: 3)
  }

  private func partitions(_ overview: Overview) -> FrameBlock {
    var columns: [TextTable.Column] = [
      .init(title: "PARTITION"), .init(title: "OWNER", most: 60), .init(title: "EPOCH", isNumber: true),
      .init(title: "POSITION", isNumber: true), .init(title: "BACKLOG", isNumber: true),
    ]
    if trend.rate != nil { columns.append(.init(title: "EVENTS/S", isNumber: true)) }
    var table = TextTable(columns)
    for partition in overview.partitions {
      let name =
        overview.topology.shards == 1
        ? "\(partition.partition)" : "\(partition.shard):\(partition.partition)"
      var row: TextTable.Row = [
        (name, .plain), (partition.owner ?? "nobody", partition.owner == nil ? .bad : .plain),
        ("\(partition.epoch)", .plain), ("\(partition.position)", .plain),
        ("\(partition.backlog)", partition.backlog > 0 ? .warning : .plain),
      ]
      if trend.rate != nil {
        row.append((trend.rates[partition.place].map(Self.rate) ?? "", .plain))
      }
      table.rows.append(row)
    }
    return block(table, importance: 2)
  }

  private func outboxes(_ overview: Overview) -> FrameBlock {
    var table = TextTable([
      .init(title: "OUTBOX", most: 60), .init(title: "COMMANDS", isNumber: true),
      .init(title: "DROPPED", isNumber: true),
    ])
    for outbox in overview.outboxes {
      let name =
        overview.topology.shards == 1 ? outbox.gateway.rawValue : "\(outbox.shard):\(outbox.gateway)"
      let isDeaf = outbox.length >= Outboxes.bound / 2
      table.rows.append([
        (name, .plain), ("\(outbox.length)", isDeaf ? .bad : outbox.length > 1_000 ? .warning : .plain),
        ("\(outbox.dropped)", outbox.dropped > 0 ? .bad : .plain),
      ])
    }
    return block(table, importance: 4)
  }

  private func block(_ table: TextTable, importance: Int) -> FrameBlock {
    let (heading, rows) = table.lines()
    return FrameBlock(heading: [StyledLine(), heading], rows: rows, importance: importance)
  }

  private static func rate(_ rate: Double) -> String {
    rate >= 100 ? "\(Int(rate.rounded()))" : "\((rate * 10).rounded() / 10)"
  }
}

extension Sequence {
  fileprivate func joined<Part: Sequence>(_ part: (Element) -> Part) -> [Part.Element] { flatMap(part) }
}
