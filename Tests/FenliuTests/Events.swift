import Routing

/// Lines for `fenliu push`.
enum Line {
  static func open(_ conversation: String, customer: String, shop: String = "acme") -> String {
    """
    {"type":"conversation.open","shop":"\(shop)","conversation":"\(conversation)",\
    "customer":{"id":"\(customer)"},"gateway":"g"}
    """
  }

  static func online(_ agent: String, shop: String = "acme") -> String {
    #"{"type":"agent.online","shop":"\#(shop)","agent":"\#(agent)","gateway":"desk"}"#
  }

  /// The partition of a customer among four.
  static func partition(_ customer: String) -> Int {
    Partitioning.partition(of: CustomerID(unchecked: customer), partitions: 4)
  }
}
