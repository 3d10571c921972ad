import Foundation
import Testing

@testable import Routing

/// Whether few rules that a supervisor can read route what customers really ask for: requests to a shop in eleven
/// subjects, from a public collection that lies beside the package.
///
/// The keywords were chosen by the collection's training part and tried once on its validation part; the test part
/// only gives the score.
@Suite struct IntentTests {
  static let shop = """
    shop: intents
    groups: {newsletter: {}, shipping_address: {}, payment: {}, invoice: {}, account: {}, cancellation_fee: {},
             feedback: {}, refund: {}, delivery: {}, contact: {}, order: {}}
    default: {group: order}
    rules:
      - name: newsletter
        what: {keywords: [newsl, subscri]}
        route: {group: newsletter}
      - name: opinions, before the address to which they go
        what: {keywords: [feedback, complain, claim, reclamation, review, opinion, comment, against]}
        route: {group: feedback}
      - name: addresses
        what: {keywords: [address]}
        route: {group: shipping_address}
      - name: payment
        what: {keywords: [payment]}
        route: {group: payment}
      - name: bills
        what: {keywords: [invoice, " bill"]}
        route: {group: invoice}
      - name: accounts, before what it costs to end something
        what: {keywords: [account, profile, user, sign, regist, password, pin code, premium, freemium, platinum]}
        route: {group: account}
      - name: fees
        what: {keywords: [early, terminat, withdraw, cancellation, penalt, exit]}
        route: {group: cancellation_fee}
      - name: money back
        what: {keywords: [refund, reimburs, rebat, money, compensat, restitut]}
        route: {group: refund}
      - name: delivery
        what: {keywords: [shipping, shipment, " ship to", deliver, arriv, expect, how long, order from]}
        route: {group: delivery}
      - name: somebody to talk to
        what: {keywords: [agent, customer s, customer a, talk, speak, chat, human, person, assistant]}
        route: {group: contact}
    """

  @Test("forty lines of rules bring nine customers of ten to the right group")
  func fortyLines() throws {
    #expect(Self.shop.split(whereSeparator: \.isNewline).count <= 40)
    let plan = RulePlan(try ShopConfiguration.parse(Self.shop, file: "intents.yaml"))
    guard let requests = Self.requests("Testing") else {
      print("notice: the collection of requests is not beside this package; the rules for it are NOT TESTED")
      return
    }
    #expect(requests.count == 810)
    let right = requests.count { text, category in
      let request = RoutingRequest(customer: CustomerProfile(id: CustomerID(unchecked: "u")), texts: [text])
      return plan.route(request).group.rawValue == category.lowercased()
    }
    let share = Double(right) / Double(requests.count)
    print("routed rightly: \(right) of \(requests.count) requests")
    #expect(share >= 0.9)
  }

  /// The texts and categories of one part of the collection, or nil if it is not there.
  private static func requests(_ part: String) -> [(text: String, category: String)]? {
    let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = package.appending(
      path: "../shared/data/intents_en/Bitext_Sample_Customer_Service_\(part)_Dataset.csv")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
    return text.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      let fields = fields(of: line)
      return fields.count == 8 ? (fields[0], fields[6]) : nil
    }
  }

  /// The fields of a line of CSV. A field with a comma stands in quotes, and a quote within is doubled.
  private static func fields(of line: Substring) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: fields.append("")
      default: fields[fields.count - 1].append(character)
      }
    }
    return fields
  }
}
