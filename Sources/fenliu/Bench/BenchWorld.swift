import Routing

/// The shops of a benchmark: how much there is of everything that the work might grow with.
struct BenchWorld: Sendable, Equatable {
  /// Conversations of the load, over all partitions and shops.
  var conversations = 20_000
  /// Messages in each, by turns of agent and customer.
  var messages = 6
  /// Agents over all shops, of ten slots each; at least one in each shop.
  var agents = 100
  /// Conversations that wait all the time, behind ten agents who have no room.
  var waiting = 0
  /// Rules over all shops, each with a keyword of its own; at least one in each shop.
  var rules = 10
  /// Groups over all shops; at least one in each shop.
  var groups = 5
  /// Shops, all in one shard.
  var shops = 1

  static let partitions = 4
  static let slots = 10
  private static let crowdAgents = 10
  private static let mostInCrowd = 500_000

  /// The groups of those who wait all the time, in the first shop: as many as their queues' limits ask for.
  private var crowds: Int { (waiting + Self.mostInCrowd - 1) / Self.mostInCrowd }
  /// How many conversations the agents of the crowds hold.
  var crowdSlots: Int { crowds * Self.crowdAgents * Self.slots }
  var agentsPerShop: Int { share(of: agents) }
  var groupsPerShop: Int { share(of: groups) }
  var rulesPerShop: Int { share(of: rules) }

  private func share(of number: Int) -> Int { max(1, number / max(1, shops)) }

  static func shop(_ index: Int) -> String { "bench\(index)" }

  /// A keyword of fixed width, so that none is a part of another.
  static func keyword(_ rule: Int) -> String { "话题\(1_000_000 + rule)" }

  /// The group that the rule sends to: not the one that is asked for, so that it shows.
  func group(ofRule rule: Int) -> Int { (rule + 1) % groupsPerShop }

  /// A shop's configuration.
  func configuration(of shop: Int) -> String {
    let crowds = shop == 0 ? crowds : 0
    var text = """
      shop: \(Self.shop(shop))
      default: {group: g0}
      group_defaults: {queue: {limit: 1000000}}
      groups:

      """
    for group in 0..<groupsPerShop {
      text += group % 2 == 1 ? "  g\(group): {strategy: longest-idle}\n" : "  g\(group): {}\n"
    }
    for crowd in 0..<crowds { text += "  crowd\(crowd): {}\n" }
    text += "agents:\n"
    for agent in 0..<agentsPerShop {
      text += "  agent\(agent): {groups: [g\(agent % groupsPerShop)], capacity: \(Self.slots)}\n"
    }
    for agent in 0..<crowds * Self.crowdAgents {
      text += "  busy\(agent): {groups: [crowd\(agent % crowds)], capacity: \(Self.slots)}\n"
    }
    text += "rules:\n"
    for rule in 0..<rulesPerShop {
      text += "  - name: r\(rule)\n    what: {keywords: [\(Self.keyword(rule))]}\n"
      text += "    route: {group: g\(group(ofRule: rule))}\n"
    }
    return text
  }

  /// The events that bring everybody to where the load finds them, one list for each partition: agents online, and the
  /// crowd in its queue, in the order of its numbers.
  func prelude() -> [[String]] {
    var events = [[String]](repeating: [], count: Self.partitions)
    for shop in 0..<shops {
      for agent in 0..<agentsPerShop { events[shop % Self.partitions].append(online("agent\(agent)", shop)) }
    }
    for agent in 0..<crowds * Self.crowdAgents { events[0].append(online("busy\(agent)", 0)) }
    for number in 0..<(crowdSlots + waiting) { events[0].append(crowdOpen(number)) }
    return events
  }

  private func online(_ agent: String, _ shop: Int) -> String {
    #"{"type":"agent.online","shop":"\#(Self.shop(shop))","agent":"\#(agent)","gateway":"desk"}"#
  }

  /// One more for the crowd's queue.
  func crowdOpen(_ number: Int) -> String {
    #"{"type":"conversation.open","shop":"bench0","conversation":"crowd-\#(number)","customer":{"#
      + #""id":"crowd-\#(number)"},"gateway":"web","group":"crowd\#(number % crowds)","text":"有人吗"}"#
  }

  /// The end of one that an agent of the crowd holds: the next in the queue follows.
  func crowdClose(_ number: Int) -> String {
    #"{"type":"conversation.close","shop":"bench0","conversation":"crowd-\#(number)","by":"agent"}"#
  }
}
