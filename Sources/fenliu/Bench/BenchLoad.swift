import Routing

/// The load of a benchmark: for each partition the events of many conversations, in order.
struct BenchLoad: Sendable {
  let world: BenchWorld

  /// What one conversation consists of: an open, its messages, a close.
  var eventsPerConversation: Int { world.messages + 2 }

  /// How often somebody of the crowd is served and somebody joins it.
  private var turns: Int { world.waiting > 0 ? world.conversations / world.conversationsPerTurn : 0 }

  /// All events.
  var events: Int { world.conversations * eventsPerConversation + 2 * turns }

  /// The events of one partition, in order: as many conversations open at once as an even share of half the
  /// slots (unless the world says otherwise), so that most are assigned at once, as in a shop on a good day.
  func events(of partition: Int) -> [String] {
    let window = max(1, min((world.open ?? world.allSlots / 2) / BenchWorld.partitions, 50_000))
    let share = stride(from: partition, to: world.conversations, by: BenchWorld.partitions)
    var waiting = share.makeIterator()
    var open: [(number: Int, step: Int)] = []
    var events: [String] = []
    events.reserveCapacity(world.conversations / BenchWorld.partitions * eventsPerConversation)
    while open.count < window, let number = waiting.next() { open.append((number, 0)) }
    let perTurn = max(1, world.conversations / BenchWorld.partitions * eventsPerConversation / max(1, turns))
    var turn = 0
    var n = 0
    var crowd = 0
    while !open.isEmpty {
      let index = turn % open.count
      n += 1
      events.append(event(open[index].number, step: open[index].step, partition, n: n))
      open[index].step += 1
      if open[index].step == eventsPerConversation {
        if let number = waiting.next() { open[index] = (number, 0) } else { open.remove(at: index) }
      }
      turn += 1
      if partition == 0, crowd < turns, turn % perTurn == 0 {
        events += [world.crowdClose(crowd), world.crowdOpen(world.crowdSlots + world.waiting + crowd)]
        crowd += 1
      }
    }
    while partition == 0, crowd < turns {
      events += [world.crowdClose(crowd), world.crowdOpen(world.crowdSlots + world.waiting + crowd)]
      crowd += 1
    }
    return events
  }

  private func event(_ number: Int, step: Int, _ partition: Int, n: Int) -> String {
    let mark = #""source":"web-\#(partition)","n":\#(n)"#
    switch step {
    case 0: return open(number, gateway: "web", mark: mark)
    case world.messages + 1: return close(number, mark: mark)
    default: return message(number, from: step % 2 == 1 ? "agent" : "customer", mark: mark)
    }
  }

  /// A customer comes; every second one says a rule's keyword. Ids have 16 bytes.
  func open(_ number: Int, gateway: String, mark: String) -> String {
    let (shop, ordinal) = world.place(of: number)
    let saysKeyword = (ordinal + shop).isMultiple(of: 2)
    let word = saysKeyword ? BenchWorld.keyword(ordinal / 2 % world.rules(of: shop)) : "到货"
    // The groups that have agents.
    let groups = min(world.groups(of: shop), world.agents(of: shop))
    let text = "你好,我想问一下\(word),我的订单什么时候到?"
    return
      #"{"type":"conversation.open","shop":"\#(BenchWorld.shop(shop))","conversation":"\#(Self.id("conv", number))","#
      + #""customer":{"id":"\#(Self.id("cust", number))","name":"顾客\#(number)","level":\#(number % 8 == 0 ? 5 : 0)},"#
      + #""gateway":"\#(gateway)","group":"g\#(ordinal % groups)","channel":"app","text":"\#(text)","#
      + #""params":{"from":"home"},\#(mark)}"#
  }

  func message(_ number: Int, from: String, mark: String) -> String {
    #"{"type":"conversation.message","shop":"\#(shop(number))","conversation":"\#(Self.id("conv", number))","#
      + #""from":"\#(from)","text":"好的,我帮您看一下,请稍等。订单号是多少?","at":1790000000000,\#(mark)}"#
  }

  func close(_ number: Int, mark: String) -> String {
    #"{"type":"conversation.close","shop":"\#(shop(number))","conversation":"\#(Self.id("conv", number))","#
      + #""by":"agent",\#(mark)}"#
  }

  private func shop(_ number: Int) -> String { BenchWorld.shop(world.place(of: number).shop) }

  static func conversation(_ number: Int) -> ConversationID { ConversationID(unchecked: id("conv", number)) }

  private static func id(_ kind: String, _ number: Int) -> String { "\(kind)\(100_000_000_000 + number)" }
}
