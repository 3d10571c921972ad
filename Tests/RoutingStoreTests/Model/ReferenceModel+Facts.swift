import Foundation
import Routing

/// What is counted, by the hour.
extension ReferenceModel {
  private var hour: Int64 { now - now % 3_600_000 }

  mutating func count(
    _ fact: String, _ conversation: Conversation?, group: GroupID?, agent: AgentID? = nil, value: Int64? = nil
  ) {
    var keys = ["shop:\(hour)"]
    if let group { keys.append("group:\(hour):\(group)") }
    if let agent { keys.append("agent:\(hour):\(agent)") }
    for arm in conversation?.arms ?? [] {
      keys.append("\(arm.isInSample ? "in" : "out"):\(hour):\(arm.rule)")
    }
    for key in keys {
      add(1, fact, key)
      guard let value else { continue }
      add(value, "\(fact):sum", key)
      add(1, fact == "rated" ? "rated_\(value)" : "\(fact):b\(Self.bucket(value))", key)
    }
  }

  /// Counts the rules that matched, but not again those that did at an earlier look.
  mutating func count(_ routed: RoutedRequest, after before: Conversation? = nil) {
    for rule in routed.continued where before?.continued.contains(rule) != true {
      add(1, rule, "rule:\(hour)")
    }
    if let rule = routed.rule, rule != before?.rule { add(1, rule, "rule:\(hour)") }
  }

  private mutating func add(_ amount: Int64, _ field: String, _ key: String) {
    statistics[key, default: [:]][field, default: 0] += amount
  }

  /// floor(2·log2(value + 1)), in whole numbers: the greatest k with 2^k ≤ (value + 1)^2.
  static func bucket(_ value: Int64) -> Int {
    let square = (UInt64(value) + 1).multipliedFullWidth(by: UInt64(value) + 1)
    if square.high > 0 { return 127 - square.high.leadingZeroBitCount }
    return 63 - square.low.leadingZeroBitCount
  }
}
