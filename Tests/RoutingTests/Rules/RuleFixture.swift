@testable import Routing

/// A shop with three groups, two schedules and the rules in question.
enum RuleFixture {
  static let plain = GroupID(unchecked: "plain")
  static let sales = GroupID(unchecked: "sales")
  static let help = GroupID(unchecked: "help")
  static let night = ScheduleID(unchecked: "night")

  /// `rules` is a YAML list, not indented; none without any.
  static func shop(_ rules: String = "") throws -> ShopConfiguration {
    let head = """
      shop: s
      groups: {plain: {}, sales: {}, help: {}}
      schedules: {night: {weekly: {mon-sun: ["22:00-24:00"]}}, day: {weekly: {mon-fri: ["09:00-18:00"]}}}
      default: {group: plain, mode: bot-first}
      agents: {a: {groups: [plain, sales, help]}}

      """
    return try ShopConfiguration.parse(head + (rules.isEmpty ? "" : "rules:\n" + rules), file: "shop.yaml")
  }

  static func plan(_ rules: String = "") throws -> RulePlan { RulePlan(try shop(rules)) }

  /// An ordinary request of customer `u-1`, with changes.
  static func request(
    _ texts: String..., level: Int = 0, change: (inout RoutingRequest) -> Void = { _ in }
  ) -> RoutingRequest {
    var request = RoutingRequest(
      customer: CustomerProfile(id: CustomerID(unchecked: "u-1")), level: Level(clamping: level), texts: texts
    )
    change(&request)
    return request
  }
}

extension RulePlan {
  /// What the rules say while all schedules are closed.
  func route(_ request: RoutingRequest) -> RoutedRequest { route(request) { _ in false } }
}
