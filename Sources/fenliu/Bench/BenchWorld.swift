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
  /// Whether the first shop is a large one, with half of the load, and the others are small ones with one of everything;
  /// else everything is shared evenly.
  var isUneven = false
  /// Conversations of the load that are open at once; nil for half of what the agents can hold.
  var open: Int?
  /// For so many conversations of the load one of those who wait all the time is served, and another comes.
  var conversationsPerTurn = 10

  static let partitions = 4
  static let slots = 10
  private static let crowdAgents = 10
  private static let mostInCrowd = 500_000

  /// The groups of those who wait all the time, in the first shop: as many as their queues' limits ask for.
  private var crowds: Int { (waiting + Self.mostInCrowd - 1) / Self.mostInCrowd }
  /// How many conversations the agents of the crowds hold.
  var crowdSlots: Int { crowds * Self.crowdAgents * Self.slots }
  /// What all agents can hold, without those of the crowds.
  var allSlots: Int { (0..<shops).reduce(0) { $0 + agents(of: $1) } * Self.slots }

  func agents(of shop: Int) -> Int { share(of: agents, shop) }
  func groups(of shop: Int) -> Int { share(of: groups, shop) }
  func rules(of shop: Int) -> Int { share(of: rules, shop) }

  private func share(of number: Int, _ shop: Int) -> Int {
    guard isUneven else { return max(1, number / max(1, shops)) }
    return shop == 0 ? max(1, number - (shops - 1)) : 1
  }

  /// Whose a conversation of the load is, and its number among those of its shop.
  func place(of number: Int) -> (shop: Int, ordinal: Int) {
    guard isUneven, shops > 1 else { return (number % shops, number / shops) }
    guard !number.isMultiple(of: 2) else { return (0, number / 2) }
    return (1 + number / 2 % (shops - 1), number / 2 / (shops - 1))
  }

  static func shop(_ index: Int) -> String { "bench\(index)" }

  /// A keyword of fixed width, so that none is a part of another.
  static func keyword(_ rule: Int) -> String { "话题\(1_000_000 + rule)" }

  /// A shop's configuration.
  func configuration(of shop: Int) -> String {
    let crowds = shop == 0 ? crowds : 0
    let groups = groups(of: shop)
    var text = """
      shop: \(Self.shop(shop))
      default: {group: g0}
      group_defaults: {queue: {limit: 1000000}}
      groups:

      """
    for group in 0..<groups {
      text += group % 2 == 1 ? "  g\(group): {strategy: longest-idle}\n" : "  g\(group): {}\n"
    }
    // However many wait, each is told its numbers.
    let queue = "{limit: 1000000, hide: {waiting: 1000000, wait: 365d}}"
    for crowd in 0..<crowds { text += "  crowd\(crowd): {queue: \(queue)}\n" }
    text += "agents:\n"
    for agent in 0..<agents(of: shop) {
      text += "  agent\(agent): {groups: [g\(agent % groups)], capacity: \(Self.slots)}\n"
    }
    for agent in 0..<crowds * Self.crowdAgents {
      text += "  busy\(agent): {groups: [crowd\(agent % crowds)], capacity: \(Self.slots)}\n"
    }
    text += "rules:\n"
    for rule in 0..<rules(of: shop) {
      text += "  - name: r\(rule)\n    what: {keywords: [\(Self.keyword(rule))]}\n"
      // Not the group that is asked for, so that it shows.
      text += "    route: {group: g\((rule + 1) % groups)}\n"
    }
    return text
  }

  /// The events that bring everybody to where the load finds them, one list for each partition: agents online, and the
  /// crowd in its queue, in the order of its numbers.
  func prelude() -> [[String]] {
    var events = [[String]](repeating: [], count: Self.partitions)
    for shop in 0..<shops {
      let partition = shop % Self.partitions
      for agent in 0..<agents(of: shop) { events[partition].append(online("agent\(agent)", shop)) }
    }
    for agent in 0..<crowds * Self.crowdAgents { events[0].append(online("busy\(agent)", 0)) }
    for number in 0..<(crowdSlots + waiting) { events[0].append(crowdOpen(number)) }
    return events
  }

  /// Events that change nothing and let a worker read each shop's configuration, one list for each partition.
  func signs() -> [[String]] {
    var events = [[String]](repeating: [], count: Self.partitions)
    for shop in 0..<shops {
      events[shop % Self.partitions].append(
        #"{"type":"agent.heartbeat","shop":"\#(Self.shop(shop))","agent":"agent0"}"#)
    }
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
