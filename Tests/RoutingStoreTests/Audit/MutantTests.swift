import Foundation
import HiredisClient
import Routing
import RoutingAudit
import RoutingLua
import RoutingStore
import TestSupport
import Testing

/// The functions themselves with one thing wrong in them: the checker must find it in what they do.
@Suite struct MutantTests {
  /// What is changed in the library, and the promises of which one is broken by that.
  struct Mutant: Sendable, CustomTestStringConvertible {
    var name: String
    var old: String
    var new: String
    var broken: Set<Invariant>
    var testDescription: String { name }

    init(_ name: String, _ broken: Set<Invariant>, _ old: String, _ new: String) {
      (self.name, self.broken, self.old, self.new) = (name, broken, old, new)
    }
  }

  static let mutants: [Mutant] = [
    Mutant(
      "an event is applied and left in the list", [.everyEventOnce],
      "    call('LPOP', inbox)\n", ""),
    Mutant(
      "two events are taken for one", [.everyEventOnce], "    call('LPOP', inbox)\n",
      "    call('LPOP', inbox, 2)\n"),
    Mutant(
      "the position stays", [.order], "held[3] = whole(tonumber(held[3]) + 1)",
      "held[3] = whole(tonumber(held[3]))"),
    Mutant(
      "a repeat is applied again", [.effectsOnce], "if seen and number <= seen then",
      "if seen and number < seen then"),
    Mutant(
      "what was heard of a source is not kept", [.effectsOnce, .everyEventOnce],
      "fresh = call('HSET', lease, 'position', position, source, n",
      "fresh = call('HSET', lease, 'position', position, 'x', n"),
    Mutant(
      "a new event is thrown away as a repeat", [.everyEventOnce],
      "if seen and number <= seen then", "if seen and number <= 1 + seen then"),
    Mutant(
      "an agent's load is not lowered", [.load], "set(agent, 'load', agent.load - 1)",
      "set(agent, 'load', agent.load)"),
    Mutant("a slot is not given back", [.load], "    use_units(agent, c.group, -units)\n", ""),
    Mutant(
      "capacity is overrun", [.load],
      "  return fits(agent, group_of(agent, group_id), units_for(c, agent, group_id))",
      "  return agent.status == 'online'"),
    Mutant(
      "who leaves the queue stays listed", [.queues],
      "  call('ZREM', K.wait(ctx.p, c.group), c.id)\n  if c.credit", "  if c.credit"),
    Mutant(
      "who waits is not listed", [.queues], "  call('ZADD', K.wait(ctx.p, c.group), wait_score(c), c.id)\n",
      ""),
    Mutant(
      "who waits is not offered to the other groups", [.queues],
      "call('ZADD', K.offer(ctx.p, id), wait_score(c), c.id)", "id = nil"),
    Mutant(
      "the last one is served first", [.queues],
      "if id and (not best or score < best_score", "if id and (not best or score > best_score"),
    Mutant(
      "a freed agent takes nobody", [.queues],
      "  if agent then fill(ctx, agent) end\n", "  if agent then save_agent(ctx, agent) end\n"),
    Mutant(
      "skills are not asked for", [.queues],
      "    if (able[name] or 0) < tonumber(minimum) then return false end\n", ""),
    Mutant(
      "who gave a conversation away gets it back at once", [.queues],
      "  if c.excluded == agent.id then return 'excluded' end\n", ""),
    Mutant(
      "agents are not passed over for customers", [.queues],
      "  if has_name(c.avoid, agent.id) and not is_alone(ctx, c, agent) then return 'avoided' end\n", ""),
    Mutant(
      "the second best agent is taken", [.queues],
      "    if not prefers then\n      best = agent\n      return true\n    end\n",
      "    if not prefers then\n      local found = best\n      best = agent\n      return found ~= nil\n    end\n"
    ),
    Mutant(
      "the longest idle agent comes last", [.queues],
      "return share(agent, 2047) * BAND + agent.idle_since end",
      "return share(agent, 2047) * BAND - agent.idle_since end"),
    Mutant(
      "who has no room is still called ready", [.queues],
      "      if agent.listed[i] then call('ZREM', K.ready(ctx.p, group.id), agent.id) end\n", ""),
    Mutant(
      "a conversation is with an agent who does not hold it", [.load],
      "  call('ZADD', K.agent_open(ctx.p, agent.id), strict_score(c), c.id)\n", ""),
    Mutant("commands have equal numbers", [.commands], "digits_of(seq + j)", "digits_of(seq + 1)"),
    Mutant(
      "a number is left out", [.commands],
      "call('HINCRBY', K.gateways(b), gateway, whole(count)) - count",
      "call('HINCRBY', K.gateways(b), gateway, whole(count + 1)) - count"),
    Mutant(
      "a command is not sent", [.commands],
      "for from = 1, #list, 1000 do length = call('RPUSH', key,",
      "length = 0 for from = 2, #list, 1000 do length = call('RPUSH', key,"),
    Mutant(
      "decisions are kept for ever", [.boundsAndRecord], "local WHY_LIMIT = 8\n", "local WHY_LIMIT = 8000\n"),
    Mutant(
      "a write that the record does not have", [.boundsAndRecord],
      "  set(c, 'waited_ms', ms)\n",
      "  set(c, 'waited_ms', ms)\n  redis.call('HSET', K.agent(ctx.p, agent.id), 'seen', '1')\n"),
  ]

  @Test(arguments: mutants)
  func isFound(_ mutant: Mutant) async throws {
    let parts = Functions.work.code.components(separatedBy: mutant.old)
    #expect(parts.count == 2, "the text that is changed is there \(parts.count - 1) times")
    let server = try await RedisServer.start()
    defer { server.kill() }
    let connection = try await server.connected()
    let library = RedisLibrary(name: Functions.work.name, code: parts.joined(separator: mutant.new))
    // Histories differ in what they use; the first that meets the fault is enough.
    var found: [Violation] = []
    for seed in [2, 0, 10, 7, 12, 9].map({ RandomTests.firstSeed + $0 }) {
      found = try await Self.play(seed, library, on: connection)
      if !found.isEmpty { break }
    }
    #expect(
      found.contains { mutant.broken.contains($0.invariant) },
      "\(found.prefix(5).map(\.description).joined(separator: "\n"))")
  }

  @Test(arguments: [false, true])
  func aReturningCustomerComesToWhoHasLeastToDo(_ isMutant: Bool) async throws {
    let server = try await RedisServer.start()
    defer { server.kill() }
    let found = try await Self.playReturning(isMutant, on: server.connected())
    #expect(found.map(\.invariant) == (isMutant ? [.queues] : []), "\(found)")
    #expect(found.allSatisfy { $0.words.contains("and not to") })
  }

  /// `a` served u once and pauses; `b` has a conversation, `c` none; u returns.
  private static func playReturning(
    _ isMutant: Bool, on connection: isolated RedisConnection
  ) throws -> [Violation] {
    let parts = Functions.work.code.components(separatedBy: "local new = {load_score(agent), agent.id}")
    #expect(parts.count == 2)
    let code = parts.joined(separator: "local new = {\(isMutant ? "-" : "")load_score(agent), agent.id}")
    try connection.load(RedisLibrary(name: Functions.work.name, code: code), replace: true)
    let start = try AuditedRun.begin(prefix: "fl:", on: connection)
    let configuration = ShopConfiguration.plain(agents: ["a": 3, "b": 3, "c": 3]) {
      $0.returning.window = .minutes(30)
    }
    let store = try StoreHarness(configuration, prefix: "fl:", on: connection)
    func opening(_ name: String, _ customer: String) -> Event.Kind {
      .open(
        Event.Open(
          conversation: ConversationID(unchecked: name),
          customer: Event.Customer(id: CustomerID(unchecked: customer)), gateway: TestShop.gateway))
    }
    func online(_ agent: String) -> Event.Kind {
      .agentOnline(agent: AgentID(unchecked: agent), gateway: TestShop.gateway)
    }
    let kinds: [Event.Kind] = [
      online("a"), opening("c1", "u"), .close(conversation: ConversationID(unchecked: "c1"), by: .agent),
      .agentPause(agent: AgentID(unchecked: "a")), online("b"), opening("c2", "v"), online("c"),
      opening("c3", "u"),
    ]
    let events = kinds.map { Event(shop: store.shop, kind: $0) }
    for event in events {
      store.now += 10
      try store.play(event, on: connection)
    }
    let (violations, checker) = try AuditedRun(prefix: "fl:", start: start, events, on: connection).judged()
    #expect(checker.choicesJudged == 3)
    return violations
  }

  private static func play(
    _ seed: UInt64, _ library: RedisLibrary, on connection: isolated RedisConnection
  ) throws -> [Violation] {
    try connection.send("FLUSHALL")
    try connection.load(library, replace: true)
    let history = try History(seed: seed, events: RandomTests.events)
    return try AuditedRun(history, prefix: "fl:", endsInTrouble: true, on: connection).violations()
  }
}
