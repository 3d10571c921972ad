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
      default: random.percent(30) ? gateway(&random) : nil
      }
    if random.percent(30) {
      event.source = SourceID(unchecked: random.pick(["x", "y"]))
      // Now and then a repeat of something that was sent before.
      event.n = random.percent(10) ? max(0, sent - Int64(random.below(20))) : sent
    }
    return event
  }

  private func gateway(_ random: inout SeededGenerator) -> GatewayID {
    GatewayID(unchecked: random.pick(shop.gateways))
  }

  private func kind(_ random: inout SeededGenerator) -> Event.Kind {
    let conversation = ConversationID(
      unchecked: random.percent(98) ? random.pick(shop.conversations) : "never")
    let agent = AgentID(unchecked: random.percent(98) ? random.pick(shop.agents) : "nobody")
    switch random.below(100) {
    case 0..<30: return .open(opening(conversation, &random))
    case 30..<50:
      let speaker = random.pick(Event.Speaker.allCases + [.agent, .customer, .customer])
      return .message(
        conversation: conversation, from: speaker, text: text(&random),
        agent: random.percent(20) ? agent : nil)
    case 50..<53: return .status(conversation: conversation)
    case 53..<56: return .handoff(conversation: conversation, reason: random.percent(30) ? "asked" : nil)
    case 56..<66: return .close(conversation: conversation, by: random.pick(Event.Party.allCases))
    case 66..<73:
      let group = GroupID(unchecked: random.pick(shop.groups + ["none"]))
      return .transfer(
        conversation: conversation, to: random.percent(50) ? .agent(agent) : .group(group),
        by: random.pick(Event.Party.allCases), note: random.percent(30) ? "wants \"a\" refund" : nil)
    case 73..<76: return .accept(conversation: conversation, agent: agent)
    case 76..<80:
      return .rate(
        conversation: conversation, score: 1 + random.below(5), comment: random.percent(50) ? "ok" : nil)
    case 80..<89: return .agentOnline(agent: agent, gateway: gateway(&random))
    case 89..<91: return .agentPause(agent: agent)
    case 91..<94: return .agentOffline(agent: agent)
    case 94..<96: return .agentHeartbeat(agent: agent)
    case 96..<98:
      return .customerUpdate(customer: customer(&random), dedicatedAgent: dedicated(agent, &random))
    case 98: return .customerForget(customer: CustomerID(unchecked: random.pick(shop.customers)))
    default: return .emergency(on: random.percent(40), notice: random.percent(50) ? "停电了" : nil)
    }
  }

  private func text(_ random: inout SeededGenerator) -> String? {
    random.percent(70) ? random.pick(RandomShop.texts) : nil
  }

  private func dedicated(_ agent: AgentID, _ random: inout SeededGenerator) -> Event.DedicatedChange {
    switch random.below(6) {
    case 0: .clear
    case 1: .keep
    default: .set(agent)
    }
  }

  private func customer(_ random: inout SeededGenerator) -> Event.Customer {
    about(Event.Customer(id: CustomerID(unchecked: random.pick(shop.customers))), &random)
  }

  private func about(_ known: Event.Customer, _ random: inout SeededGenerator) -> Event.Customer {
    var customer = known
    if random.percent(30) { customer.name = random.pick(["Li", "Wang \"W\""]) }
    if random.percent(30) { customer.vip = random.percent(50) }
    if random.percent(40) { customer.level = random.below(15) - 2 }
    if random.percent(20) { customer.tags = random.pick([["new"], ["gold", "old"], []]) }
    if random.percent(30) {
      let all: [(String, Event.AttributeValue)] = [
        ("orders", .number(Double(random.below(40)))), ("plan", .text(random.pick(["gold", "7"]))),
        ("app", .flag(random.percent(50))), ("province", .text("江苏")),
        ("city", .text(random.pick(["南京", "苏州"]))),
        ("country", .text("中国")), ("rate", .number(0.5)),
      ]
      let told = all.filter { _ in random.percent(40) }
      customer.attributes = Dictionary(told, uniquingKeysWith: { first, _ in first })
    }
    return customer
  }

  private func opening(_ conversation: ConversationID, _ random: inout SeededGenerator) -> Event.Open {
    // Mostly a conversation's own customer; a foreign one is refused while it is open.
    let index = Int(conversation.rawValue.dropFirst()) ?? 0
    let own = shop.customers[index % shop.customers.count]
    let id = CustomerID(unchecked: random.percent(95) ? own : random.pick(shop.customers))
    var opening = Event.Open(
      conversation: conversation, customer: about(Event.Customer(id: id), &random), gateway: gateway(&random))
    if random.percent(40) { opening.channel = random.pick(["app", "web", "wechat"]) }
    opening.text = text(&random)
    if random.percent(20) { opening.category = random.pick(["refund", "shipping", "other"]) }
    if random.percent(30) { opening.params["level"] = random.pick(["0", "3", "10", "77", "high"]) }
    if random.percent(20) { opening.params["source"] = random.pick(["spring", "autumn"]) }
    if random.percent(25) { opening.group = GroupID(unchecked: random.pick(shop.groups)) }
    if random.percent(12) { opening.agent = AgentID(unchecked: random.pick(shop.agents)) }
    return opening
  }
}
