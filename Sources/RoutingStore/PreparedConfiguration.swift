import HiredisClient
import Routing

/// A configuration on its way into force, in pieces of which none keeps the server for long, however many agents and
/// groups the shop has:
///
///     write    the document, under a name of this call's own that nobody reads and that Redis removes by itself
///     prepare  marks on the records of groups, some at a time; they mean nothing as long as the version stays
///     enforce  one small call: the new document and version take the place of the old ones
///
/// Whoever ends between two of them leaves the old configuration in force. Marks that stay behind serve the next one. Of
/// two that are applied at once, one comes into force first, and the other finds that and prepares anew.
struct PreparedConfiguration {
  /// How long a document may wait for its turn, in milliseconds.
  static let timeToLive = 3_600_000
  /// Groups in one call.
  static let groupsAtOnce = 250

  let configuration: ShopConfiguration
  let document: String
  let shard: ShardKeys
  let token: String
  private let parts: [ArraySlice<UInt8>]

  private var shop: ShopID { configuration.shop }
  private var keys: ShopKeys { shard.shop(shop) }

  init(_ configuration: ShopConfiguration, document: String, shard: ShardKeys) {
    self.configuration = configuration
    self.document = document
    self.shard = shard
    token = String(UInt64.random(in: .min ... .max), radix: 16)
    parts = DocumentParts.split(document)
  }

  /// The version in force, if it has this very document.
  func versionInForce(on connection: isolated RedisConnection) throws(RedisError) -> Int64? {
    // Most differ in length: then the old one need not be read.
    let length = try connection.send("HGET", keys.config, "document_length").integer
    guard length == nil || length == Int64(document.utf8.count),
      let stored = try Configurations.read(shop, shard: shard, on: connection), stored.document == document
    else { return nil }
    return stored.version
  }

  /// Writes the document under its own name, in parts. Not by a function: that would copy each three times more.
  func write(on connection: isolated RedisConnection) throws(RedisError) {
    let key = keys.configToCome(token)
    for (index, part) in parts.enumerated() {
      var commands = RedisPipeline(reservingCapacity: part.count + 512)
      commands.append("MULTI")
      commands.begin(4)
      commands.word("HSET")
      commands.word(key)
      commands.word(DocumentParts.field(index))
      commands.word(part)
      commands.append("PEXPIRE", key, String(Self.timeToLive))
      commands.append("EXEC")
      let replies = try connection.pipeline(commands)
      // What is wrong with a command is said where it is queued, or where it is carried out.
      let done = replies.last?.array ?? []
      if let error = (replies + done).lazy.compactMap(\.error).first { throw .server(error) }
    }
  }

  /// Marks the records of the groups that there are and of those to come. False if `version` is in force no more.
  func prepare(under version: String, on connection: isolated RedisConnection) throws(RedisError) -> Bool {
    let known = try Listing.all(keys.groups, on: connection)
    let names = known + configuration.groupOrder.map(\.rawValue)
    for start in stride(from: 0, to: names.count, by: Self.groupsAtOnce) {
      let some = names[start..<min(start + Self.groupsAtOnce, names.count)]
      let reply = try connection.call(
        Functions.configPrepare, keys: [shard.tag], arguments: [shop.rawValue, version] + some)
      if reply.text != "prepared" { return false }
    }
    return true
  }

  /// What came of ``enforce(over:on:)``.
  enum Outcome: Equatable {
    case applied(Int64)
    /// Another version is in force.
    case moved
    /// The document is there no more.
    case gone
  }

  /// Puts it in force over `version`.
  func enforce(
    over version: String, on connection: isolated RedisConnection
  ) throws(RedisError) -> Outcome {
    let reply = try connection.call(
      Functions.configApply, keys: [shard.tag],
      arguments: [shop.rawValue, token, version, String(parts.count)]
        + ["document_length", String(document.utf8.count)] + configuration.functionSettings)
    let parts = reply.array ?? []
    switch parts.first?.text {
    case "moved": return .moved
    case "gone": return .gone
    default:
      guard parts.count == 2, let version = parts[1].integer else { throw .unexpectedReply("config_apply") }
      return .applied(version)
    }
  }

  /// All of it: the version under which it is in force.
  func apply(on connection: isolated RedisConnection) throws(RedisError) -> ApplyOutcome {
    if let version = try versionInForce(on: connection) { return .unchanged(version: version) }
    try write(on: connection)
    while true {
      let version = try connection.send("HGET", keys.config, "version").text ?? "0"
      guard try prepare(under: version, on: connection) else { continue }
      switch try enforce(over: version, on: connection) {
      case .applied(let version): return .applied(version: version)
      case .gone: try write(on: connection)
      case .moved:
        if let version = try versionInForce(on: connection) { return .unchanged(version: version) }
      }
    }
  }
}

/// A document in a shop's record: the field `document`, and where it is longer than ``size`` bytes, `document:2`, `document:3` …
/// behind it. Redis takes and gives a field in one piece, and for one of many MiB that takes longer than others should wait.
enum DocumentParts {
  /// The most bytes of one part.
  static let size = 1 << 20

  /// The field of a part, counted from 0.
  static func field(_ index: Int) -> String { index == 0 ? "document" : "document:\(index + 1)" }

  /// The parts of a text, each of whole characters of UTF-8; at least one.
  static func split(_ document: String) -> [ArraySlice<UInt8>] {
    var rest = Array(document.utf8)[...]
    var parts: [ArraySlice<UInt8>] = []
    while rest.count > size {
      var end = rest.startIndex + size
      while rest[end] & 0b1100_0000 == 0b1000_0000 { end -= 1 }
      parts.append(rest[..<end])
      rest = rest[end...]
    }
    return parts + [rest]
  }
}

/// A sorted set whose members all have one score: the names of what has a record, however many.
enum Listing {
  /// Names in one call.
  static let page = 1_000

  /// All members in the order of their bytes, page by page. What joins or leaves meanwhile moves no other to another page.
  static func all(_ key: String, on connection: isolated RedisConnection) throws(RedisError) -> [String] {
    var names: [String] = []
    var from = "-"
    while true {
      let reply = try connection.send(
        "ZRANGE", key, from, "+", "BYLEX", "LIMIT", "0", String(page))
      let found = (reply.array ?? []).compactMap(\.text)
      names += found
      guard found.count == page, let last = found.last else { return names }
      from = "(" + last
    }
  }
}
