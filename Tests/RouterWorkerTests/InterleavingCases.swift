import TestSupport
import Testing

/// Pairs of events that touch one conversation or one agent, and what each order leaves.
struct Interleaving: Sendable, CustomTestStringConvertible {
  /// What comes at its own time, or from a gateway.
  enum Happening: Sendable {
    /// An event, with `SHOP` for the shop.
    case event(String)
    /// A timer: nothing is pushed; what it leaves is waited for.
    case time(until: String, or: String = "never")
  }

  var testDescription: String
  /// The configuration behind `shop:`.
  var shop: String
  /// What comes before, one after the other.
  var before: [String]
  var first: Happening
  var second: Happening
  /// What is so after the one order and after the other: "CONVERSATION STATE [AGENT | GROUP]" and "AGENT LOAD", sorted.
  var inOrder: [String]
  var reversed: [String]
}

extension Interleaving {
  private static func on(_ conversation: String, _ type: String, _ more: String = "") -> String {
    Events.on(conversation, type, shop: "SHOP", more)
  }
  private static func open(_ conversation: String, _ more: String = "") -> String {
    let event = Events.open(conversation, shop: "SHOP")
    return more.isEmpty ? event : event.dropLast() + "," + more + "}"
  }
  private static func online(_ agent: String) -> String { Events.online(agent, shop: "SHOP") }
  private static func agent(_ agent: String, _ type: String) -> String {
    #"{"type":"agent.\#(type)","shop":"SHOP","agent":"\#(agent)"}"#
  }

  private static let two =
    "groups: {g: {}}\nagents: {a: {groups: [g], capacity: 1}, b: {groups: [g], capacity: 1}}"
  private static let one = "groups: {g: {}}\nagents: {a: {groups: [g], capacity: 1}}"

  static let all: [Interleaving] = [
    Interleaving(
      testDescription: "a close and a transfer", shop: two, before: [online("a"), open("c"), online("b")],
      first: .event(on("c", "close", #""by":"customer""#)),
      second: .event(on("c", "transfer", #""to":{"agent":"b"},"by":"agent""#)),
      inOrder: ["a 0", "b 0", "c closed a"], reversed: ["a 0", "b 0", "c closed b"]),
    Interleaving(
      testDescription: "an opening and its agent going offline",
      shop: "offline_grace: 50ms\n" + two, before: [online("a")],
      first: .event(open("c")), second: .event(agent("a", "offline")),
      inOrder: ["a 0", "c waiting g"], reversed: ["a 0", "c waiting g"]),
    Interleaving(
      testDescription: "an opening and a pause", shop: one, before: [online("a")],
      first: .event(open("c")), second: .event(agent("a", "pause")),
      inOrder: ["a 1", "c active a"], reversed: ["a 0", "c waiting g"]),
    Interleaving(
      testDescription: "an opening and the first agent", shop: one, before: [],
      first: .event(open("c")), second: .event(online("a")),
      inOrder: ["a 1", "c active a"], reversed: ["a 1", "c active a"]),
    Interleaving(
      testDescription: "an end and another opening", shop: one, before: [online("a"), open("c")],
      first: .event(on("c", "close", #""by":"agent""#)), second: .event(open("d")),
      inOrder: ["a 1", "c closed a", "d active a"], reversed: ["a 1", "c closed a", "d active a"]),
    Interleaving(
      testDescription: "an idle close and a close",
      shop: "group_defaults: {idle_timeout: 400ms}\n" + one,
      before: [online("a"), open("c"), on("c", "message", #""from":"agent""#)],
      first: .time(until: "c closed a"), second: .event(on("c", "close", #""by":"customer""#)),
      inOrder: ["a 0", "c closed a"], reversed: ["a 0", "c closed a"]),
    Interleaving(
      testDescription: "a handoff and somebody who takes the last place",
      shop: """
        default: {mode: bot-first}
        groups: {g: {queue: {limit: 1}}}
        agents: {a: {groups: [g]}}
        """,
      before: [open("c")],
      first: .event(on("c", "handoff")), second: .event(open("d", #""text":"人工""#)),
      inOrder: ["c waiting g", "d bot g"], reversed: ["c bot g", "d waiting g"]),
    Interleaving(
      testDescription: "a rating and a customer forgotten", shop: one,
      before: [online("a"), open("c"), on("c", "close", #""by":"agent""#)],
      first: .event(on("c", "rate", #""score":1"#)),
      second: .event(#"{"type":"customer.forget","shop":"SHOP","customer":{"id":"u-c"}}"#),
      inOrder: ["a 0", "c closed a"], reversed: ["a 0", "c closed a"]),
    Interleaving(
      testDescription: "two agents who take the same conversation",
      shop: "group_defaults: {distribution: manual}\n" + two, before: [online("a"), online("b"), open("c")],
      first: .event(on("c", "accept", #""agent":"a""#)), second: .event(on("c", "accept", #""agent":"b""#)),
      inOrder: ["a 1", "b 0", "c active a"], reversed: ["a 0", "b 1", "c active b"]),
    Interleaving(
      testDescription: "an acceptance and a customer who leaves",
      shop: "group_defaults: {distribution: manual}\n" + one, before: [online("a"), open("c")],
      first: .event(on("c", "accept", #""agent":"a""#)),
      second: .event(on("c", "close", #""by":"customer""#)),
      inOrder: ["a 0", "c closed a"], reversed: ["a 0", "c closed"]),
    Interleaving(
      testDescription: "a transfer and its receiver going offline",
      shop: "offline_grace: 50ms\ndedicated: {wait: 100ms}\n" + two,
      before: [online("a"), open("c"), online("b")],
      first: .event(on("c", "transfer", #""to":{"agent":"b"},"by":"agent""#)),
      second: .event(agent("b", "offline")),
      inOrder: ["a 1", "b 0", "c active a"], reversed: ["a 1", "b 0", "c active a"]),
    Interleaving(
      testDescription: "an emergency and an opening", shop: "emergency: {mode: bot-only}\n" + one,
      before: [online("a")],
      first: .event(#"{"type":"shop.emergency","shop":"SHOP","on":true}"#), second: .event(open("c")),
      inOrder: ["a 0", "c bot g"], reversed: ["a 1", "c active a"]),
    Interleaving(
      testDescription: "a word that a rule looks for and an agent who comes",
      shop: """
        groups: {g: {}, h: {}}
        agents: {a: {groups: [g]}}
        rules: [{name: refund, what: {keywords: [refund]}, route: {group: h}}]
        """,
      before: [open("c", #""text":"hello""#)],
      first: .event(on("c", "message", #""from":"customer","text":"a refund""#)), second: .event(online("a")),
      inOrder: ["a 0", "c waiting h"], reversed: ["a 1", "c active a"]),
    Interleaving(
      testDescription: "the end of a wrap-up and an opening",
      shop: "group_defaults: {wrap_up: 500ms}\n" + one,
      before: [online("a"), open("c"), on("c", "close", #""by":"agent""#)],
      first: .time(until: "a ready", or: "d active"), second: .event(open("d")),
      inOrder: ["a 1", "c closed a", "d active a"], reversed: ["a 1", "c closed a", "d active a"]),
    Interleaving(
      testDescription: "the customer's own agent freed and the end of the waiting for it",
      shop: "dedicated: {wait: 600ms}\n" + two,
      before: [
        online("a"), open("x"), online("b"),
        #"{"type":"customer.update","shop":"SHOP","customer":{"id":"u-c"},"dedicated_agent":"a"}"#, open("c"),
      ],
      first: .event(on("x", "close", #""by":"agent""#)), second: .time(until: "c active"),
      inOrder: ["a 1", "b 0", "c active a", "x closed a"],
      reversed: ["a 0", "b 1", "c active b", "x closed a"]),
  ]
}
