/// One step of a shard that wrote: an entry of its audit, as `audit.lua` leaves it.
///
/// Fields that a kind of step does not have are nil: only events have a `source`, only timers a `timer`.
public struct AuditEntry: Sendable, Equatable {
  /// Running number over the shard, from 1: a gap shows entries that were trimmed or lost.
  public var number: Int64
  /// The function without its library's name, or `timer` or `fold`.
  public var kind: String
  /// The partition whose lease allowed the step.
  public var partition: Int?
  /// Who held it, as the step claims.
  public var owner: String?
  /// In which epoch, as the step claims; for a lease that was taken, the new one.
  public var epoch: Int64?
  /// How many events of the partition were committed before.
  public var position: Int64?
  /// The event's source.
  public var source: String?
  /// The event's number within its source.
  public var n: Int64?
  /// The step's moment, milliseconds since 1970.
  public var at: Int64?
  /// The member of `due` that fired.
  public var timer: String?
  /// What the function answered.
  public var reply: String
  /// The first 1,024 bytes of what was taken from the list of events; nil if nothing was.
  public var event: [UInt8]?
  /// The length of the event in bytes.
  public var bytes: Int?
  /// Every writing command in order: name, key, arguments.
  public var writes: [[String]]

  /// Makes an entry.
  public init(number: Int64, kind: String, reply: String = "", writes: [[String]] = []) {
    self.number = number
    self.kind = kind
    self.reply = reply
    self.writes = writes
  }

  /// Text that is no entry.
  public struct Malformed: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong with it, and where.
    public let description: String
  }

  /// Reads an entry as it lies in Redis. It may hold bytes that are not UTF-8: those of an event are kept as they are.
  public static func decode(_ bytes: [UInt8]) throws(Malformed) -> AuditEntry {
    var reader = EntryReader(bytes)
    return try reader.entry()
  }

  /// Reads an entry from a line of `fenliu audit read`.
  public static func decode(_ line: String) throws(Malformed) -> AuditEntry {
    try decode(Array(line.utf8))
  }

  /// Whether the step applied, repeated or rejected an event: only such may take one from its list.
  var isOfEvent: Bool { position != nil && !kind.hasPrefix("lease_") }
}
