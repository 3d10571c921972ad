public import HiredisClient

/// What a server says of the data that it holds: which history it is, and how much of it.
///
/// Redis names the history of a primary's writes and counts its bytes. A replica that is promoted begins a history
/// of its own, and remembers up to where it had followed the old one. So whoever has seen how far the old primary was
/// can tell what is missing at the new one.
public struct Dataset: Sendable, Equatable {
  /// The name of the history (`master_replid`); another one whenever a server becomes the primary.
  public var history: String
  /// How many bytes of it there are (`master_repl_offset`).
  public var length: Int64
  /// The history that this one goes on from (`master_replid2`).
  public var origin: String
  /// How many bytes of that were there when this one began.
  public var inherited: Int64
  /// How many bytes each replica has that follows, as the primary last heard (`slave0:…,offset=…`), the most first.
  public var replicas: [Int64]

  /// Makes one.
  public init(
    history: String, length: Int64, origin: String = "", inherited: Int64 = 0, replicas: [Int64] = []
  ) {
    self.history = history
    self.length = length
    self.origin = origin
    self.inherited = inherited
    self.replicas = replicas
  }

  /// Reads what `INFO replication` says; nil if that is not there.
  public init?(info: String) {
    var fields: [Substring: Substring] = [:]
    for line in info.split(whereSeparator: \.isNewline) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...]
    }
    guard let history = fields["master_replid"],
      let length = fields["master_repl_offset"].flatMap({ Int64($0) })
    else { return nil }
    self.init(
      history: String(history), length: length, origin: fields["master_replid2"].map(String.init) ?? "",
      // The offset of the first byte that is not of the old history.
      inherited: max(0, (fields["second_repl_offset"].flatMap { Int64($0) } ?? 0) - 1),
      replicas: fields.filter { $0.key.hasPrefix("slave") && $0.value.contains("state=online") }
        .compactMap { Self.offset(of: $0.value) }.sorted(by: >))
  }

  /// `ip=…,port=…,state=online,offset=1234,lag=0`
  private static func offset(of replica: Substring) -> Int64? {
    replica.split(separator: ",").first { $0.hasPrefix("offset=") }.flatMap { Int64($0.dropFirst(7)) }
  }

  /// Whether it goes on from no other history: a server that has started on its own files, or on none.
  public var isOfItsOwn: Bool { origin.allSatisfy { $0 == "0" } }

  /// The part of it that `count` replicas have, as far as is known; all of it for 0.
  public func covered(by count: Int) -> Dataset {
    guard count > 0 else { return self }
    var part = self
    part.length = min(length, count <= replicas.count ? replicas[count - 1] : 0)
    return part
  }

  /// Asks the server; nil if the user may not.
  public static func read(on connection: isolated RedisConnection) throws(RedisError) -> Dataset? {
    do throws(RedisError) {
      return try connection.send("INFO", "replication").text.flatMap(Dataset.init(info:))
    } catch .server(let refusal) where refusal.kind == .noPermission {
      return nil
    }
  }

  /// How this data stands to what was seen before.
  public enum Succession: Sendable, Equatable {
    /// The same history.
    case same
    /// Of a replica that was promoted and had all that was seen.
    case complete
    /// Of a replica that was promoted and lacked at least so many bytes of what was seen.
    case missing(bytes: Int64)
    /// A history of which nothing is known: a restart, another server, or several failovers at once.
    case unknown
  }

  /// How this data, read now, stands to `seen`, read before at what was the primary then.
  public func succession(after seen: Dataset) -> Succession {
    if history == seen.history { return .same }
    guard origin == seen.history else { return .unknown }
    return inherited >= seen.length ? .complete : .missing(bytes: seen.length - inherited)
  }
}
