import Routing

/// The shop in which ``BenchCalls`` plays: each agent has one slot, so that nearly all who come have to wait.
struct BenchCallsWorld: Sendable {
  var agents = 100_000
  var waiting = 1_000_000
  var groups = 5

  let shop = ShopID(unchecked: "bench0")

  /// The most that one queue takes.
  static let mostInQueue = 1_000_000

  /// Those who wait, and before them one for each agent.
  var conversations: Int { agents + waiting }

  func group(_ index: Int) -> GroupID { GroupID(unchecked: "g\(index)") }

  /// The configuration; after each change every agent has another name, and from the first on another capacity.
  func configuration(_ change: Int) -> String {
    var text = """
      shop: \(shop)
      group_defaults: {queue: {limit: \(Self.mostInQueue)}, idle_timeout: 10m, response_alert: 1m}
      groups:

      """
    for index in 0..<groups {
      text += "  \(group(index)): {strategy: \(index % 2 == 0 ? "least-loaded" : "longest-idle")}\n"
    }
    text += "agents:\n"
    for agent in 0..<agents {
      text += "  \(name(agent)): {name: 客服\(agent)之\(change), groups: [\(group(agent % groups))], "
      text += "capacity: \(change + 1), skills: {english: \(1 + (agent + change) % 10)}}\n"
    }
    return text
  }

  private func name(_ agent: Int) -> String { "agent\(agent)" }
  private func conversation(_ number: Int) -> String { "conv\(100_000_000_000 + number)" }

  func online(_ agent: Int) -> String {
    #"{"type":"agent.online","shop":"\#(shop)","agent":"\#(name(agent))","gateway":"desk"}"#
  }

  func open(_ number: Int) -> String {
    #"{"type":"conversation.open","shop":"\#(shop)","conversation":"\#(conversation(number))","customer":{"#
      + #""id":"cust\#(100_000_000_000 + number)"},"gateway":"web","group":"\#(group(number % groups))","text":"有人吗"}"#
  }

  func close(_ number: Int) -> String {
    #"{"type":"conversation.close","shop":"\#(shop)","conversation":"\#(conversation(number))","by":"agent"}"#
  }
}
