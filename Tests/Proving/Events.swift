/// Events as gateways write them.
package enum Events {
  package static func open(
    _ conversation: String, customer: String? = nil, shop: String = "acme", gateway: String = "web",
    level: Int = 0, source: String? = nil, n: Int = 0
  ) -> String {
    #"{"type":"conversation.open","shop":"\#(shop)","conversation":"\#(conversation)","#
      + #""customer":{"id":"\#(customer ?? "u-" + conversation)","level":\#(level)},"#
      + #""gateway":"\#(gateway)"\#(mark(source, n))}"#
  }

  package static func on(
    _ conversation: String, _ type: String, shop: String = "acme", _ more: String = "", source: String? = nil,
    n: Int = 0
  ) -> String {
    #"{"type":"conversation.\#(type)","shop":"\#(shop)","conversation":"\#(conversation)""#
      + (more.isEmpty ? "" : "," + more) + mark(source, n) + "}"
  }

  package static func online(_ agent: String, shop: String = "acme", gateway: String = "desk") -> String {
    #"{"type":"agent.online","shop":"\#(shop)","agent":"\#(agent)","gateway":"\#(gateway)"}"#
  }

  private static func mark(_ source: String?, _ n: Int) -> String {
    source.map { #","source":"\#($0)","n":\#(n)"# } ?? ""
  }
}
