/// One value of a JSON text, as the reader notes it: its kind and where it stands, nothing copied.
///
/// The reader writes nodes in the order of the text, so an object is followed by its keys and values in
/// turn, and an array by its elements. `next` leads over a value with all that it contains.
struct JSONNode {
  /// What a value is. Keys of objects are texts too.
  enum Kind: UInt8 {
    case null
    case no
    case yes
    /// A number written without fraction and exponent.
    case integer
    /// Any other number.
    case real
    /// A text without escapes: its bytes are the text.
    case text
    /// A text with at least one escape.
    case escapedText
    case array
    case object
  }

  /// The mark of a value that the reader has not come to the end of.
  static let unfinished: Int32 = 0

  /// What it is.
  var kind: Kind
  /// The first byte of it; of a text, the one after the quote.
  var start: Int32
  /// One past its last byte; of a text, the closing quote.
  var end: Int32
  /// The index of the first node after it and its contents, or `unfinished`.
  var next: Int32

  /// Whether it is a text, with or without escapes.
  var isText: Bool { kind == .text || kind == .escapedText }

  /// Its kind in words, for messages.
  var kindInWords: String {
    switch kind {
    case .null: "null"
    case .no: "false"
    case .yes: "true"
    case .integer, .real: "a number"
    case .text, .escapedText: "text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
