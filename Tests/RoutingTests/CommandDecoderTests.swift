import Routing
import Testing

@Suite("Commands: reading")
struct CommandDecoderTests {
  private static func command(
    _ type: Command.CommandType, _ change: (inout Command) -> Void
  ) -> Command {
    var command = Command(seq: 7, type: type, shop: ShopID(unchecked: "acme"), at: Moment(1_700))
    command.conversation = ConversationID(unchecked: "c")
    command.customer = CustomerID(unchecked: "u")
    change(&command)
    return command
  }

  private static let start = #""seq":7,"shop":"acme","at":1700,"conversation":"c","customer":"u","#

  private static let good: [(String, Command)] = [
    (
      #""type":"conversation.assigned","to":"agent","agent":"ann","group":"sales","level":3,"reason":"queue","waited_ms":1200"#,
      command(.assigned) {
        $0.to = .agent
        $0.agent = AgentID(unchecked: "ann")
        $0.group = GroupID(unchecked: "sales")
        $0.level = Level(clamping: 3)
        $0.reason = "queue"
        $0.waitedMs = 1_200
      }
    ),
    (
      #""type":"conversation.queued","to":"customer","group":"sales","position":2,"wait_seconds":90,"hidden":false"#,
      command(.queued) {
        $0.to = .customer
        $0.group = GroupID(unchecked: "sales")
        $0.position = 2
        $0.waitSeconds = 90
        $0.hidden = false
      }
    ),
    (
      #""type":"conversation.queued","to":"customer","group":"sales","hidden":true,"position":null"#,
      command(.queued) {
        $0.to = .customer
        $0.group = GroupID(unchecked: "sales")
        $0.hidden = true
      }
    ),
    (
      #""type":"conversation.bot","to":"customer","group":"sales""#,
      command(.bot) {
        $0.to = .customer
        $0.group = GroupID(unchecked: "sales")
      }
    ),
    (
      #""type":"conversation.reply","to":"customer","kind":"greeting","text":"你好\n""#,
      command(.reply) {
        $0.to = .customer
        $0.kind = "greeting"
        $0.text = "你好\n"
      }
    ),
    (
      #""type":"conversation.closed","to":"agent","by":"customer","reason":"abandoned""#,
      command(.closed) {
        $0.to = .agent
        $0.by = "customer"
        $0.reason = "abandoned"
      }
    ),
    (
      #""type":"conversation.requeued","to":"customer","reason":"offline""#,
      command(.requeued) {
        $0.to = .customer
        $0.reason = "offline"
      }
    ),
    (
      #""type":"alert","kind":"bad_rating","agent":"ann","score":1"#,
      command(.alert) {
        $0.kind = "bad_rating"
        $0.agent = AgentID(unchecked: "ann")
        $0.score = 1
      }
    ),
    (
      #""type":"event.rejected","id":"e-1","error":"agent is missing""#,
      command(.rejected) {
        $0.id = "e-1"
        $0.error = "agent is missing"
      }
    ),
    (#""type":"conversation.translated","lines":[{}]"#, command(.other("conversation.translated")) { _ in }),
  ]

  @Test("every type", arguments: good)
  func everyType(fields: String, command: Command) throws {
    #expect(try CommandDecoder.decode("{" + Self.start + fields + "}").get() == command)
  }

  @Test("a rejection of an event without a shop has none either")
  func withoutShop() throws {
    let text = #"{"seq":1,"type":"event.rejected","at":5,"error":"shop is missing"}"#
    #expect(try CommandDecoder.decode(text).get().shop == nil)
  }

  @Test("names of types go both ways")
  func names() {
    for type in Command.CommandType.known { #expect(Command.CommandType(name: type.name) == type) }
    #expect(Command.CommandType(name: "x") == .other("x"))
  }

  @Test(
    "what is not a command",
    arguments: [
      ("", "not a command: not valid JSON: it is empty"),
      ("7", "not a command: it is a number"),
      (#"{"seq":1,"shop":"s","at":1}"#, "not a command: type is missing"),
      (#"{"type":"alert","shop":"s","at":1}"#, "not a command: seq is missing"),
      (#"{"seq":1,"type":"alert","shop":"s"}"#, "not a command: at is missing"),
      (#"{"seq":1,"type":"alert","at":1}"#, "not a command: shop is missing"),
      (#"{"seq":-1,"type":"alert","shop":"s","at":1}"#, "not a command: seq must be 0 to 9007199254740992"),
      (
        #"{"seq":1,"type":"alert","shop":"s","at":1,"to":"x"}"#,
        "not a command: to must be one of customer, agent"
      ),
      (
        #"{"seq":1,"type":"alert","shop":"s","at":1,"hidden":0}"#,
        "not a command: hidden must be true or false, not a number"
      ),
    ])
  func malformed(text: String, reason: String) {
    #expect {
      _ = try CommandDecoder.decode(text).get()
    } throws: {
      ($0 as? CommandDecoder.Malformed)?.reason == reason
    }
  }
}
