import Foundation
import Routing

/// An event as the player's gateway writes it.
struct PlayEvent: Encodable, Sendable {
  struct Customer: Encodable, Sendable {
    var id: String
    var name: String?
    var vip: Bool?
  }

  var type: String
  var shop: String
  var source: String?
  var n: Int64?
  var conversation: String?
  var customer: Customer?
  var gateway: String?
  var channel: String?
  var text: String?
  var group: String?
  var from: String?
  var by: String?
  var agent: String?

  /// The id after which the event's partition is chosen: a gateway keeps to the customer's.
  var routedBy = ""

  private enum CodingKeys: String, CodingKey {
    case type, shop, source, n, conversation, customer, gateway, channel, text, group, from, by, agent
  }

  init(_ type: String, shop: ShopID) {
    self.type = type
    self.shop = shop.rawValue
  }

  /// One line of JSON.
  func line() throws -> String { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
}
