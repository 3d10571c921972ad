/// What can still be read of an event that is refused: each value that is valid by itself.
struct EventSalvage {
  private let reader: FieldReader
  private let fields: EventFields

  init(_ document: JSONDocument, _ fields: EventFields) {
    reader = FieldReader(document: document)
    self.fields = fields
  }

  /// The rejection for a reason, with what can be told of the event.
  func rejection(_ error: String) -> Rejection {
    Rejection(
      error: error, id: text(fields.id, limit: EventLimits.id), gateway: name(fields.gateway),
      shop: name(fields.shop), type: text(fields.type, limit: EventLimits.label),
      conversation: name(fields.conversation), customer: customer())
  }

  private func text(_ index: Int32, limit: Int) -> String? {
    do throws(FieldProblem) {
      return try reader.optionalText(index, "", limit: limit)
    } catch {
      return nil
    }
  }

  private func name<N: Name>(_ index: Int32) -> N? {
    do throws(FieldProblem) {
      return try reader.optionalName(index, "")
    } catch {
      return nil
    }
  }

  private func customer() -> CustomerID? {
    guard fields.customer != 0 else { return nil }
    return name(CustomerFields(at: fields.customer, of: reader.document).id)
  }
}
