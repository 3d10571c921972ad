/// A rejected event as it lies in `fl:{s}:dead`: the event as it came, why it was refused, when and where.
///
///     {"event":"{\"type\":…}","error":"customer.id is missing","at":1700000000000,"partition":2}
///
/// An event that is not UTF-8 stands under `event_base64` instead. Of one beyond 64 KiB the beginning is
/// kept and `"truncated":true` follows it; whole characters only, if it is UTF-8 so far.
public struct DeadLetter: Sendable, Equatable {
  /// The most bytes of an event that are kept: 64 KiB.
  public static let limit = EventLimits.bytes

  /// The event's bytes as they came, or the beginning of them.
  public let event: [UInt8]
  /// Whether `event` is only the beginning.
  public let isTruncated: Bool
  /// The reason for a person.
  public let error: String
  /// When it was rejected.
  public let at: Moment
  /// The partition it came in by.
  public let partition: Int

  /// Makes the dead letter of an event.
  public init(event: UnsafeBufferPointer<UInt8>, error: String, at: Moment, partition: Int) {
    isTruncated = event.count > Self.limit
    self.event = Array(isTruncated ? Self.beginning(of: event) : event)
    self.error = error
    self.at = at
    self.partition = partition
  }

  /// Makes the dead letter of an event.
  public init(event: [UInt8], error: String, at: Moment, partition: Int) {
    self = event.withUnsafeBufferPointer {
      DeadLetter(event: $0, error: error, at: at, partition: partition)
    }
  }

  /// Whether pushing the event again can make sense: only if it is all there.
  public var isRetriable: Bool { !isTruncated }

  /// The dead letter as JSON.
  public var json: [UInt8] {
    var json = JSONText(capacity: event.count + event.count / 8 + error.utf8.count + 96)
    json.beginObject()
    event.withUnsafeBufferPointer { bytes in
      if case .character = UTF8Sequence.wellFormedPrefix(of: bytes).stop {
        json.key("event")
        json.value(utf8: bytes)
      } else {
        json.field("event_base64", Base64.encode(bytes))
      }
    }
    if isTruncated { json.field("truncated", true) }
    json.field("error", error)
    json.field("at", at.rawValue)
    json.field("partition", Int64(partition))
    json.endObject()
    return json.bytes
  }

  /// The first 64 KiB, without a character that would be cut in two. Bytes that are not UTF-8 anyhow are
  /// cut at the limit.
  private static func beginning(of event: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let kept = UnsafeBufferPointer(rebasing: event[..<limit])
    let (count, stop) = UTF8Sequence.wellFormedPrefix(of: kept)
    return stop == .cutShort ? UnsafeBufferPointer(rebasing: kept[..<count]) : kept
  }

  // MARK: Reading back

  /// Why a text is not a dead letter.
  public struct Malformed: Error, Sendable, Equatable {
    /// The reason for a person: "not a dead letter: error is missing".
    public let reason: String
  }

  /// Reads a dead letter. Unknown fields are ignored.
  public init(json: [UInt8]) throws(Malformed) {
    let result = json.withUnsafeBufferPointer { bytes in
      JSONDocument.read(bytes, depthLimit: EventLimits.depth) { document, fault in
        if let fault { return Result<DeadLetter, Malformed>.failure(Self.malformed(fault.message)) }
        do throws(FieldProblem) {
          return .success(try DeadLetter(document))
        } catch {
          return .failure(Self.malformed(error.words))
        }
      }
    }
    self = try result.get()
  }

  private static func malformed(_ reason: String) -> Malformed {
    Malformed(reason: "not a dead letter: \(reason)")
  }

  private init(_ document: JSONDocument) throws(FieldProblem) {
    let reader = FieldReader(document: document)
    let root = document.nodes[0]
    guard root.kind == .object else { throw FieldProblem("it", "is \(root.kindInWords)") }
    let fields = MemberIndex(of: document)
    if fields["event"] != 0, fields["event_base64"] != 0 {
      throw FieldProblem("event", "stands beside event_base64")
    }
    if let base64 = try reader.optionalRawText(fields["event_base64"], "event_base64") {
      guard let bytes = Base64.decode(base64) else { throw FieldProblem("event_base64", "is not base64") }
      event = bytes
    } else {
      let index = fields["event"]
      event = Array(try reader.required(reader.optionalRawText(index, "event"), index, "event").utf8)
    }
    isTruncated = try reader.optionalFlag(fields["truncated"], "truncated") ?? false
    error = try reader.required(
      reader.optionalRawText(fields["error"], "error"), fields["error"], "error")
    at = Moment(try reader.integer(fields["at"], "at", in: 0...EventLimits.integer))
    partition = Int(try reader.integer(fields["partition"], "partition", in: 0...Int64(Int32.max)))
  }
}
