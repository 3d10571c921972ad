/// Reads commands as a gateway takes them from its outbox. Not for the hot path of the router, which only
/// writes them.
///
/// Unknown fields are ignored and null counts as absent, as with events. A field that a type should have
/// may be absent; one that is there has to be of its kind.
public enum CommandDecoder {
  /// Why a text is not a command.
  public struct Malformed: Error, Sendable, Equatable {
    /// The reason for a person: "not a command: seq is missing".
    public let reason: String
  }

  /// Decodes the bytes of one command.
  public static func decode(_ bytes: UnsafeBufferPointer<UInt8>) -> Result<Command, Malformed> {
    JSONDocument.read(bytes, depthLimit: EventLimits.depth) { document, fault in
      if let fault { return .failure(malformed(fault.message)) }
      do throws(FieldProblem) {
        return .success(try command(document))
      } catch {
        return .failure(malformed(error.words))
      }
    }
  }

  /// Decodes the bytes of one command.
  public static func decode(_ bytes: [UInt8]) -> Result<Command, Malformed> {
    bytes.withUnsafeBufferPointer { decode($0) }
  }

  /// Decodes the text of one command.
  public static func decode(_ text: String) -> Result<Command, Malformed> {
    var text = text
    return text.withUTF8 { decode($0) }
  }

  private static func malformed(_ reason: String) -> Malformed {
    Malformed(reason: "not a command: \(reason)")
  }

  private static func command(_ document: JSONDocument) throws(FieldProblem) -> Command {
    let root = document.nodes[0]
    guard root.kind == .object else { throw FieldProblem("it", "is \(root.kindInWords)") }
    let reader = FieldReader(document: document)
    let fields = MemberIndex(of: document)
    let counts = 0...EventLimits.integer

    let type = try reader.required(
      reader.optionalRawText(fields["type"], "type"), fields["type"], "type")
    var command = Command(
      seq: try reader.integer(fields["seq"], "seq", in: counts), type: .init(name: type),
      shop: try reader.optionalName(fields["shop"], "shop"),
      at: Moment(try reader.integer(fields["at"], "at", in: counts)))
    if command.shop == nil, command.type != .rejected {
      throw FieldProblem("shop", fields["shop"] == 0 ? "is missing" : "is null")
    }
    command.conversation = try reader.optionalName(fields["conversation"], "conversation")
    command.customer = try reader.optionalName(fields["customer"], "customer")
    command.to = try reader.optionalChoice(fields["to"], "to")
    command.agent = try reader.optionalName(fields["agent"], "agent")
    command.group = try reader.optionalName(fields["group"], "group")
    let level = try reader.optionalInteger(fields["level"], "level")
    command.level = level.map { Level(clamping: Int($0)) }
    command.reason = try reader.optionalRawText(fields["reason"], "reason")
    command.waitedMs = try reader.optionalInteger(fields["waited_ms"], "waited_ms", in: counts)
    let position = try reader.optionalInteger(fields["position"], "position", in: counts)
    command.position = position.map { Int($0) }
    command.waitSeconds = try reader.optionalInteger(fields["wait_seconds"], "wait_seconds", in: counts)
    command.hidden = try reader.optionalFlag(fields["hidden"], "hidden")
    command.kind = try reader.optionalRawText(fields["kind"], "kind")
    command.text = try reader.optionalRawText(fields["text"], "text")
    command.note = try reader.optionalRawText(fields["note"], "note")
    command.score = try reader.optionalInteger(fields["score"], "score", in: 1...5).map { Int($0) }
    command.by = try reader.optionalRawText(fields["by"], "by")
    command.id = try reader.optionalRawText(fields["id"], "id")
    command.error = try reader.optionalRawText(fields["error"], "error")
    return command
  }
}
