import Routing

/// The load of a benchmark: one shop, and for each partition the events of many conversations.
struct BenchLoad {
  /// Conversations over all partitions.
  var conversations: Int
  /// Messages in each, by turns of customer and agent.
  var messages: Int
  /// Agents, of ten slots each.
  var agents: Int

  static let partitions = 4
  private static let slots = 10

  /// Events of conversations: an open, the messages, a close.
  var events: Int { conversations * (messages + 2) }

  /// The shop's configuration.
  var configuration: String {
    var text = """
      shop: bench
      default: {group: g0}
      group_defaults: {queue: {limit: 1000000}}
      groups:
        g0: {}
        g1: {strategy: longest-idle}
      agents:

      """
    for index in 0..<agents {
      text += "  agent\(index): {groups: [g\(index % 2)], capacity: \(Self.slots)}\n"
    }
    return text
  }

  /// The events that bring the agents online.
  var agentEvents: [String] {
    (0..<agents).map {
      #"{"type":"agent.online","shop":"bench","agent":"agent\#($0)","gateway":"desk"}"#
    }
  }

  /// The events of one partition, in order: as many conversations open at once as an even share of half the
  /// slots, so that most are assigned at once, as in a shop on a good day.
  func events(of partition: Int) -> [String] {
    let window = max(1, agents * Self.slots / 2 / Self.partitions)
    let share = stride(from: partition, to: conversations, by: Self.partitions)
    var waiting = share.makeIterator()
    var open: [(number: Int, step: Int)] = []
    var events: [String] = []
    events.reserveCapacity(conversations / Self.partitions * (messages + 2))
    while open.count < window, let number = waiting.next() { open.append((number, 0)) }
    var turn = 0
    while !open.isEmpty {
      let index = turn % open.count
      events.append(event(open[index].number, step: open[index].step, partition, n: events.count + 1))
      open[index].step += 1
      if open[index].step == messages + 2 {
        if let number = waiting.next() { open[index] = (number, 0) } else { open.remove(at: index) }
      }
      turn += 1
    }
    return events
  }

  private func event(_ number: Int, step: Int, _ partition: Int, n: Int) -> String {
    let mark = #""source":"web-\#(partition)","n":\#(n)"#
    let conversation = "conv-\(number)"
    switch step {
    case 0:
      return #"{"type":"conversation.open","shop":"bench","conversation":"\#(conversation)","customer":{"#
        + #""id":"customer-\#(number)","name":"顾客\#(number)","level":\#(number % 8 == 0 ? 5 : 0)},"gateway":"web","#
        + #""group":"g\#(number % 2)","channel":"app","text":"你好,我的订单什么时候到?","params":{"from":"home"},\#(mark)}"#
    case messages + 1:
      return
        #"{"type":"conversation.close","shop":"bench","conversation":"\#(conversation)","by":"agent",\#(mark)}"#
    default:
      let from = step % 2 == 1 ? "agent" : "customer"
      return
        #"{"type":"conversation.message","shop":"bench","conversation":"\#(conversation)","from":"\#(from)","#
        + #""text":"好的,我帮您看一下,请稍等。订单号是多少?","at":1790000000000,\#(mark)}"#
    }
  }
}
