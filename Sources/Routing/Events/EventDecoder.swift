/// Turns the bytes of an event into an `Event`, or into the reason why not.
///
/// The order of complaints is fixed: length, JSON syntax, `type`, `shop`, the fields that every event
/// may have, the fields of the type. Offsets in reasons count bytes from 0.
///
/// Where the protocol is silent:
///
/// - Unknown fields, and fields of other types than the event's, are ignored whatever they hold; but the
///   whole text must be strict JSON, with every key at most once in its object and every number finite.
/// - Null counts as absent, also for an entry of `params` and `customer.attributes`. So null clears nothing.
/// - Integers must be written as integers, within ±2^53: not `5.0`, not `5e0`.
/// - Free texts may hold any character but U+0000. Lengths are bounded by `EventLimits`.
/// - In `params`, numbers and flags count as the text that they are written as.
/// - `customer.level` may be any integer; `Level(clamping:)` is for whoever uses it.
public enum EventDecoder {
  /// Decodes the bytes of one event.
  public static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Event, Rejection> {
    guard bytes.count <= EventLimits.bytes else { return .failure(tooLong(bytes)) }
    return JSONDocument.read(bytes, depthLimit: EventLimits.depth) { document, fault in
      let fields = EventFields(of: document)
      if let fault {
        return .failure(EventSalvage(document, fields).rejection(fault.message))
      }
      guard document.nodes[0].kind == .object else {
        let kind = document.nodes[0].kindInWords
        return .failure(Rejection(error: "an event must be a JSON object, not \(kind)"))
      }
      do throws(FieldProblem) {
        return .success(try EventAssembly(document, fields).event())
      } catch {
        return .failure(EventSalvage(document, fields).rejection(error.words))
      }
    }
  }

  /// Decodes the bytes of one event.
  public static func decode(_ bytes: [UInt8]) -> Result<Event, Rejection> {
    bytes.withUnsafeBufferPointer { decode($0) }
  }

  /// Decodes the text of one event.
  public static func decode(_ text: String) -> Result<Event, Rejection> {
    var text = text
    return text.withUTF8 { decode($0) }
  }

  /// The rejection of an event beyond the limit. Its gateway is looked for in what the limit allows, so
  /// that a huge event costs no more than the largest good one.
  private static func tooLong(_ bytes: UnsafeBufferPointer<UInt8>) -> Rejection {
    let beginning = UnsafeBufferPointer(rebasing: bytes[..<EventLimits.bytes])
    return JSONDocument.read(beginning, depthLimit: EventLimits.depth) { document, _ in
      EventSalvage(document, EventFields(of: document))
        .rejection("event is \(bytes.count) bytes long; the limit is \(EventLimits.bytes)")
    }
  }
}
