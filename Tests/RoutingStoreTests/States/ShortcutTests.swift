import Foundation
import HiredisClient
import Proving
import Routing
import RoutingAudit
import RoutingLua
import RoutingStore
import TestSupport
import Testing

/// The shortcuts of openings and ends leave what the general way leaves, to the last field and command.
@Suite struct ShortcutTests {
  private static let switchedOn = "\nSHORTCUTS = true\n"

  @Test(arguments: 1...8 as ClosedRange<UInt64>) func aDayIsTheSameWithThemAndWithout(_ seed: UInt64)
    async throws
  {
    let parts = Functions.work.code.components(separatedBy: Self.switchedOn)
    try #require(parts.count == 2)
    let without = RedisLibrary(
      name: Functions.work.name, code: parts.joined(separator: "\nSHORTCUTS = false\n"))
    let (short, general) = (
      try await Self.day(seed, Functions.work), try await Self.day(seed, without)
    )
    #expect(short.count > 60)
    #expect(Set(short.keys) == Set(general.keys))
    for (key, value) in general.sorted(by: { $0.key < $1.key }) {
      #expect(short[key] == value, "\(key)")
    }
  }

  /// A change of a shortcut that leaves another state, or a record that contradicts itself.
  struct Mutant: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var old: String
    var new: String

    init(_ name: String, _ old: String, _ new: String) {
      (testDescription, self.old, self.new) = (name, old, new)
    }
  }

  static let mutants = [
    Mutant(
      "it counts no load", "local load, used = whole(agent.load + 1), whole(agent.used + 1)",
      "local load, used = whole(agent.load), whole(agent.used + 1)"),
    Mutant(
      "who is full stays ready", "  if agent.used < agent.room then\n",
      "  if agent.used <= agent.room then\n"),
    Mutant("the next one stays in the queue", "  call('ZREM', K.wait(ctx.p, group.id), id)\n", ""),
    Mutant(
      "the last one of the queue is next", "call('ZRANGE', wait, '0', '0')[1]",
      "call('ZRANGE', wait, -1, -1)[1]"),
    Mutant(
      "who is offered to the group is passed by", "call('EXISTS', wait, K.offer(ctx.p, group.id))",
      "call('EXISTS', wait)"),
    Mutant("an ended one stays with its agent", "  call('ZREM', K.agent_open(p, agent.id), id)\n", ""),
    Mutant("fields of an open one stay", "  call('HDEL', key, unpack(OF_ACTIVE))\n", ""),
    Mutant(
      "an opening does not count in its trial", "(arms and '@' .. arms .. '\\n' or '') .. group.opened",
      "group.opened"),
    Mutant("an opening does not count its rule", "(rule and '\\n!' .. rule or '')", "''"),
    Mutant("an end does not count in its trial", "(arms and '\\n@' .. arms or '')", "''"),
    Mutant(
      "who follows counts in the trial of who ended",
      "if next_c.arms ~= arms then facts = facts .. '\\n@' .. (next_c.arms or '') end", ""),
    Mutant(
      "it does not say who was assigned", ".. '\\nassigned ' .. group_id .. ' ' .. agent.id .. ' 0'", ""),
  ]

  @Test(arguments: mutants) func aMutantOfThemIsFound(_ mutant: Mutant) async throws {
    let parts = Functions.work.code.components(separatedBy: mutant.old)
    try #require(parts.count == 2, "the text that is changed is there \(parts.count - 1) times")
    let changed = RedisLibrary(name: Functions.work.name, code: parts.joined(separator: mutant.new))
    for seed in 1...8 as ClosedRange<UInt64> {
      guard let day = try? await Self.day(seed, changed) else { return }
      if try await Self.day(seed, Functions.work) != day { return }
    }
    Issue.record("no day shows it")
  }

  /// What a day leaves, by key.
  private static func day(_ seed: UInt64, _ library: RedisLibrary) async throws -> [String: LedgerValue] {
    let server = try await RedisServer.start()
    defer { server.kill() }
    return try await play(seed, library, on: server.connected())
  }

  private static func play(
    _ seed: UInt64, _ library: RedisLibrary, on connection: isolated RedisConnection
  ) throws -> [String: LedgerValue] {
    try connection.load(library, replace: true)
    var random = SeededGenerator(seed: seed)
    let store = try StoreHarness(shop(&random), on: connection)
    var kinds: [Event.Kind] = ["a", "b", "c", "d"].map(online)
    var (opened, present) = (0, [ConversationID]())
    for _ in 0..<300 { kinds.append(event(&opened, &present, &random)) }
    for kind in kinds {
      store.now += Int64(random.below(3_000))
      try store.tick(on: connection)
      let event = Event(shop: store.shop, kind: kind)
      try store.play(event, on: connection)
    }
    let violations = try store.violations(on: connection)
    guard violations.isEmpty else { throw Contradiction(words: violations.prefix(3).joined(separator: "; ")) }
    return try LedgerValue.all(of: store.shard, on: connection)
  }

  private struct Contradiction: Error { var words: String }

  /// Two agents of one group, one of another, one of both; what the seed says beside it.
  private static func shop(_ random: inout SeededGenerator) -> ShopConfiguration {
    var shop = ShopConfiguration.plain(groups: ["g", "h"], agents: [:])
    shop.set("a", 5, ["g"])
    shop.set("b", 4, ["g"])
    shop.set("c", 4, ["h"])
    shop.set("d", 1, ["g", "h"])
    shop.returning.window = random.percent(50) ? .zero : .seconds(20)
    shop.texts.greeting = random.percent(50) ? "您好,\"请\"稍候 {agent}" : ""
    shop.surveyWindow = random.percent(10) ? .minutes(5) : nil
    // Some of those who come by the app are in a trial; on half of the days another rule takes everybody else.
    var trial = RuleConfiguration(
      name: "trial", how: .init(channel: ["app"]), route: .init(group: GroupID(unchecked: "h")))
    trial.sample = .percent(50)
    let every = RuleConfiguration(name: "every", route: .init(group: GroupID(unchecked: "g")))
    shop.rules = random.percent(50) ? [trial] : [trial, every]
    for name in ["g", "h"] {
      shop.change(name) { group in
        group.strategy = random.pick([.leastLoaded, .longestIdle, .mostSkilled, .leastLoaded, .roundRobin])
        group.responseAlert = random.percent(30) ? .seconds(20) : .zero
        group.answerWithin = random.percent(30) ? .seconds(30) : .zero
        group.wrapUp = random.percent(10) ? .seconds(5) : .zero
        group.queue.silentAfter = random.percent(20) ? .seconds(30) : .zero
        group.queue.order = random.percent(20) ? .credit : .strict
        if random.percent(30) { group.queue.handleTime = .measured }
        if random.percent(30) { (group.capacity, group.capacityIsGiven) = (3, true) }
      }
    }
    // After all other lots, which so fall as they do without it.
    if random.percent(30) {
      shop.change("h") { $0.queue.overflow = [.init(after: .seconds(5), to: [GroupID(unchecked: "g")])] }
    }
    return shop
  }

  private static func online(_ agent: String) -> Event.Kind {
    .agentOnline(agent: AgentID(unchecked: agent), gateway: GatewayID(unchecked: "desk"))
  }

  /// `present` are those that have not been closed. About as many come as fit, so that some wait.
  private static func event(
    _ opened: inout Int, _ present: inout [ConversationID], _ random: inout SeededGenerator
  ) -> Event.Kind {
    switch random.below(100) {
    case 0..<40 where present.count < 18, 40..<100 where present.isEmpty:
      opened += 1
      present.append(id(opened))
      return open(opened, &random)
    case 0..<70:
      return .close(
        conversation: present.remove(at: random.below(present.count)), by: random.pick([.agent, .customer]))
    case 70..<88:
      return .message(
        conversation: random.pick(present), from: random.pick([.customer, .agent]), text: nil, agent: nil)
    case 88..<91:
      let target = Event.TransferTarget.group(GroupID(unchecked: random.pick(["g", "h"])))
      return .transfer(conversation: random.pick(present), to: target, by: .agent, note: "look")
    case 91..<96: return online(random.pick(["a", "b", "c", "d"]))
    case 96..<98: return .agentPause(agent: AgentID(unchecked: random.pick(["a", "b", "c"])))
    default: return .rate(conversation: id(opened), score: random.below(5) + 1, comment: nil)
    }
  }

  private static func id(_ number: Int) -> ConversationID {
    ConversationID(unchecked: number % 29 == 0 ? "c\"\(number)" : "c\(number)")
  }

  private static func open(_ number: Int, _ random: inout SeededGenerator) -> Event.Kind {
    var customer = Event.Customer(id: CustomerID(unchecked: "u\(random.below(25))"))
    if random.percent(20) { customer.level = random.below(4) }
    var opening = Event.Open(conversation: id(number), customer: customer, gateway: GatewayID(unchecked: "w"))
    if random.percent(50) { opening.group = GroupID(unchecked: random.pick(["g", "h"])) }
    if random.percent(30) { opening.params = ["from": "shelf \(number)"] }
    if random.percent(20) { opening.channel = "app" }
    return .open(opening)
  }
}
