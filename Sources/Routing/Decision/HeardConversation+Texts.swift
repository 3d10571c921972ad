extension HeardConversation {
  /// The names of the fields that ``init(fields:texts:customer:)`` takes, in that order; the function
  /// `conversation_context` gives them so.
  public static let fieldNames = [
    "state", "mode", "group", "level", "rule", "heard", "channel", "category", "params", "customer",
    "asked_for",
  ]

  /// Reads a conversation; nil if a field that every record has is missing or foreign.
  ///
  /// - Parameters:
  ///   - fields: the texts of ``fieldNames``, in that order, empty for what is absent.
  ///   - texts: what was gathered.
  ///   - customer: the stored record of the customer.
  public init?(fields: [String], texts: [String], customer: StoredCustomer?) {
    guard fields.count == Self.fieldNames.count, let state = State(rawValue: fields[0]),
      let mode = Mode(rawValue: fields[1]), let level = Int(fields[3])
    else { return nil }
    func given(_ index: Int) -> String? { fields[index].isEmpty ? nil : fields[index] }
    self.init(
      state: state, mode: mode, group: GroupID(unchecked: fields[2]), level: Level(clamping: level),
      rule: given(4), heard: Int64(fields[5]) ?? 0, channel: given(6), category: given(7),
      params: given(8).map(Self.params) ?? [:], askedFor: given(10).map { GroupID(unchecked: $0) },
      customer: CustomerID(unchecked: fields[9]), stored: customer, texts: texts)
  }

  /// Parameters as an object of texts.
  static func text(of params: [String: String]) -> String {
    StoredCustomer.text(of: params.mapValues { Event.AttributeValue.text($0) })
  }

  private static func params(_ text: String) -> [String: String] {
    (StoredCustomer.attributes(text) ?? [:]).compactMapValues {
      if case .text(let value) = $0 { value } else { nil }
    }
  }
}
