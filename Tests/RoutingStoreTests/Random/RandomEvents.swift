import Routing
import TestSupport

/// Random events about a shop's names: mostly sensible, some late, repeated, or about things that never were.
struct RandomEvents {
  let shop: RandomShop
  private var sent: Int64 = 0

  init(_ shop: RandomShop) { self.shop = shop }

  /// The next event.
  mutating func next(_ random: inout SeededGenerator) -> Event {
    sent += 1
    var event = Event(shop: RandomShop.shop, kind: kind(&random))
    if random.percent(20) { event.id = "e\(sent)" }
    event.gateway =
      switch event.kind {
      case .open(let opening): opening.gateway
      case .agentOnline(_, let gateway): gateway
      default: random.percent(30) ? random.pick(shop.gateways) : nil
      }
    if random.percent(30) {
      event.source = SourceID(unchecked: random.pick(["x", "y"]))
      // Now and then a repeat of something that was sent before.
      event.n = random.percent(10) ? max(0, sent - Int64(random.below(20))) : sent
    }
    return event
  }

  private func kind(_ random: inout SeededGenerator) -> Event.Kind {
    let conversation =
      random.percent(98) ? random.pick(shop.conversations) : ConversationID(unchecked: "never")
    let agent = random.percent(98) ? random.pick(shop.agents) : AgentID(unchecked: "nobody")
    switch random.below(100) {
    case 0..<32: return .open(opening(conversation, &random))
    case 32..<47:
      let speaker = random.pick(Event.Speaker.allCases + [.agent, .agent])
      return .message(
        conversation: conversation, from: speaker, text: nil, agent: random.percent(20) ? agent : nil)
    case 47..<50: return .status(conversation: conversation)
    case 50..<54: return .handoff(conversation: conversation, reason: nil)
    case 54..<66: return .close(conversation: conversation, by: random.pick(Event.Party.allCases))
    case 66..<75:
      let target: Event.TransferTarget =
        random.percent(50) ? .agent(agent) : .group(random.pick(shop.groups + [GroupID(unchecked: "none")]))
      return .transfer(
        conversation: conversation, to: target, by: random.pick(Event.Party.allCases), note: nil)
    case 75..<77:
      return .rate(
        conversation: conversation, score: 1 + random.below(5), comment: random.percent(50) ? "ok" : nil)
    case 77..<88: return .agentOnline(agent: agent, gateway: random.pick(shop.gateways))
    case 88..<91: return .agentPause(agent: agent)
    case 91..<96: return .agentOffline(agent: agent)
    case 96..<99: return .agentHeartbeat(agent: agent)
    default: return .accept(conversation: conversation, agent: agent)
    }
  }

  private func opening(_ conversation: ConversationID, _ random: inout SeededGenerator) -> Event.Open {
    // Mostly a conversation's own customer; a foreign one is refused while it is open.
    let index = Int(conversation.rawValue.dropFirst()) ?? 0
    let own = shop.customers[index % shop.customers.count]
    var customer = Event.Customer(id: random.percent(95) ? own : random.pick(shop.customers))
    if random.percent(30) { customer.name = random.pick(["Li", "Wang \"W\""]) }
    if random.percent(30) { customer.vip = random.percent(50) }
    if random.percent(40) { customer.level = random.below(15) - 2 }
    var opening = Event.Open(
      conversation: conversation, customer: customer, gateway: random.pick(shop.gateways))
    if random.percent(30) { opening.params["level"] = random.pick(["0", "3", "10", "77", "high"]) }
    if random.percent(50) { opening.group = random.pick(shop.groups) }
    return opening
  }
}
