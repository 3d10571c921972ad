import Foundation
import Routing
import Testing

@testable import fenliu

/// The player's parts that need neither Redis nor a clock.
struct PlayEngineTests {
  private static let header = "id,arrival_ms,vip,service_ms,patience_ms,wait_ms,outcome\n"

  private static let wrong: [(String, String, String)] = [
    ("", "", ":1: the first line names no column id"),
    ("", "id,arrival_ms\n1,2\n", ":1: the first line names no column service_ms"),
    (header, "", "has no customers"),
    (header, "1,5,0,7,,0,served\n2,5,0\n", ":3: has 3 fields where the first line has 7"),
    (header, "1,x,0,7,,0,served\n", ":2: arrival_ms is 'x', expected milliseconds"),
    (header, "1,-5,0,7,,0,served\n", ":2: arrival_ms is '-5', expected milliseconds"),
    (header, "1,5,2,7,,0,served\n", ":2: vip is '2', expected 0 or 1"),
    (header, "\n\n1,5,0,,,0,served\n", ":4: service_ms is empty"),
    (header, "a b,5,0,7,,0,served\n", ":2: id "),
    (header, "1,5,0,7,,0,served\r\n1,6,0,7,,0,served\r\n", ":3: id 1 stands here twice"),
  ]

  @Test(arguments: wrong)
  func pointsAtWhatIsWrongInAFile(_ header: String, _ rows: String, _ problem: String) {
    let failure = #expect(throws: CommandFailure.self) {
      try ArrivalsFile.parse(header + rows, file: "day.csv")
    }
    #expect(failure?.description.hasPrefix("day.csv") == true)
    #expect(failure?.description.contains(problem) == true, "\(failure?.description ?? "")")
  }

  @Test func readsAFileByItsColumnNames() throws {
    let file = try ArrivalsFile.parse(
      "service_ms,id,arrival_ms,vip,patience_ms\r\n7,b,20,1,\r\n8,a,10,0,500\r\n", file: "x")
    #expect(file.arrivals.map(\.id) == ["a", "b"])
    #expect(file.arrivals.map(\.patience) == [500, nil])
    #expect(file.arrivals.map(\.vip) == [false, true])
    #expect(file.arrivals.map(\.wait) == [nil, nil])
  }

  @Test func timelineGivesEqualTimesInTheOrderOfAdding() {
    var timeline = Timeline<String>()
    for (time, cue) in [(5, "c"), (1, "a"), (5, "d"), (3, "b"), (5, "e"), (9, "f")] as [(Int64, String)] {
      timeline.add(cue, at: time)
    }
    var taken: [String] = []
    while let (_, cue) = timeline.take(until: 5) { taken.append(cue) }
    #expect(taken == ["a", "b", "c", "d", "e"] && timeline.next == 9)
  }

  @Test func theSameSeedIsTheSameDay() throws {
    let shop = try ShopConfiguration.parse(DemoShop.text, file: "demo")
    let visits = [7, 7, 8].map { DemoDay.plan(seed: $0, for: shop).visits.map { "\($0)" } }
    #expect(visits[0] == visits[1] && visits[0] != visits[2])
    #expect((60...140).contains(visits[0].count))
  }

  @Test func demoShopIsThatOfTheScripts() throws {
    let file = try String(contentsOfFile: "\(repository)/scripts/demo-shop.yaml", encoding: .utf8)
    #expect(file == DemoShop.text || file == DemoShop.text + "\n")
    let shop = try ShopConfiguration.parse(file, file: "demo-shop.yaml")
    #expect(shop.groupOrder.count == 3 && shop.agents.count == 6)
  }

  /// One customer whose agent goes away: what was planned for the first agent must not be done by the second.
  @Test func planOfALostAgentIsForgotten() {
    var visit = Visit(id: "1", arrival: 0, service: 100_000)
    visit.messages = [.init(after: 10_000, fromCustomer: false), .init(after: 60_000, fromCustomer: false)]
    let plan = PlayPlan(begin: 0, latestEnd: 1_000_000, visits: [visit], shifts: [])
    let cast = Cast(shop: ShopID(unchecked: "s"), run: "r")
    let clock = ShopClock(begin: 0, start: .now, speed: 1, serverStart: 0)
    let shop = ShopConfiguration(
      shop: cast.shop, groups: [GroupConfiguration(id: GroupID(unchecked: "g"))],
      defaultGroup: GroupID(unchecked: "g"))
    var engine = PlayEngine(plan: plan, cast: cast, clock: clock, names: ShopNames(shop))

    func command(_ type: Command.CommandType, at time: Int64, agent: String? = nil) -> Command {
      var command = Command(seq: 1, type: type, shop: cast.shop, at: Moment(time))
      command.conversation = ConversationID(unchecked: "r-1")
      command.to = .customer
      command.group = GroupID(unchecked: "g")
      command.agent = agent.map { AgentID(unchecked: $0) }
      return command
    }
    #expect(engine.advance(to: 0).map(\.type) == ["conversation.open"])
    _ = engine.take(command(.assigned, at: 1_000, agent: "a"))
    #expect(engine.advance(to: 20_000).map(\.agent) == ["a"])
    _ = engine.take(command(.requeued, at: 41_000))
    _ = engine.take(command(.queued, at: 41_000))
    _ = engine.take(command(.assigned, at: 90_000, agent: "b"))
    // 40 s of the service were done; the second message comes 20 s into the rest.
    #expect(engine.advance(to: 109_999).isEmpty)
    #expect(engine.advance(to: 110_000).map(\.agent) == ["b"])
    #expect(engine.advance(to: 149_999).isEmpty)
    #expect(engine.advance(to: 150_000).map(\.type) == ["conversation.close"])
    #expect(engine.ledger.requeues == 1 && engine.ledger.servedAtOnce == 1)
    var closed = command(.closed, at: 150_000)
    closed.reason = "agent"
    _ = engine.take(closed)
    #expect(engine.isOver)
  }
}
