/// Reads the JSON of an audit entry.
///
/// Not Foundation's: the text of an event may be cut within a character or be no UTF-8 at all, and must come out as the
/// bytes that went in. It knows only what `audit.lua` writes: one object of numbers, strings and lists of lists of strings.
struct EntryReader {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func entry() throws(AuditEntry.Malformed) -> AuditEntry {
    var entry = AuditEntry(number: 0, kind: "")
    try expect(UInt8(ascii: "{"))
    repeat {
      let name = try text()
      try expect(UInt8(ascii: ":"))
      switch name {
      case "i": entry.number = try number()
      case "k": entry.kind = try text()
      case "p": entry.partition = Int(try number())
      case "o": entry.owner = try text()
      case "e": entry.epoch = try number()
      case "pos": entry.position = try number()
      case "s": entry.source = try text()
      case "n": entry.n = try number()
      case "at": entry.at = try number()
      case "timer": entry.timer = try text()
      case "r": entry.reply = try text()
      case "event": entry.event = try string()
      case "bytes": entry.bytes = Int(try number())
      case "w": entry.writes = try writes()
      default: throw problem("field '\(name)' is not one of an entry")
      }
    } while try more(until: UInt8(ascii: "}"))
    guard index == bytes.count else { throw problem("more behind the object") }
    guard entry.number > 0, !entry.kind.isEmpty else { throw problem("an entry needs i and k") }
    return entry
  }

  // MARK: Parts

  private mutating func writes() throws(AuditEntry.Malformed) -> [[String]] {
    var writes: [[String]] = []
    try expect(UInt8(ascii: "["))
    repeat {
      var words: [String] = []
      try expect(UInt8(ascii: "["))
      repeat { words.append(try text()) } while try more(until: UInt8(ascii: "]"))
      writes.append(words)
    } while try more(until: UInt8(ascii: "]"))
    return writes
  }

  private mutating func number() throws(AuditEntry.Malformed) -> Int64 {
    let start = index
    while let byte = peek, byte == UInt8(ascii: "-") || (48...57).contains(byte) { index += 1 }
    guard let value = Int64(String(decoding: bytes[start..<index], as: UTF8.self)) else {
      throw problem("a number is missing")
    }
    return value
  }

  private mutating func text() throws(AuditEntry.Malformed) -> String {
    String(decoding: try string(), as: UTF8.self)
  }

  private mutating func string() throws(AuditEntry.Malformed) -> [UInt8] {
    try expect(UInt8(ascii: "\""))
    let start = index
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { index += 1 }
    var found = Array(bytes[start..<index])
    while let byte = peek {
      index += 1
      if byte == UInt8(ascii: "\"") { return found }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &found)
      } else {
        found.append(byte)
      }
    }
    throw problem("a string has no end")
  }

  private mutating func escape(into found: inout [UInt8]) throws(AuditEntry.Malformed) {
    guard let byte = peek else { throw problem("a string has no end") }
    index += 1
    switch byte {
    case UInt8(ascii: "b"): found.append(8)
    case UInt8(ascii: "f"): found.append(12)
    case UInt8(ascii: "n"): found.append(10)
    case UInt8(ascii: "r"): found.append(13)
    case UInt8(ascii: "t"): found.append(9)
    case UInt8(ascii: "u"):
      // Control characters only: `cjson` leaves everything else as it is.
      guard index + 4 <= bytes.count,
        let code = UInt8(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16), code < 128
      else { throw problem("an escape that is none of a control character") }
      index += 4
      found.append(code)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): found.append(byte)
    default: throw problem("an escape that JSON does not have")
    }
  }

  // MARK: Steps

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func expect(_ byte: UInt8) throws(AuditEntry.Malformed) {
    guard peek == byte else { throw problem("'\(Character(UnicodeScalar(byte)))' is missing") }
    index += 1
  }

  /// Whether a comma follows, and not the end of the list or object.
  private mutating func more(until end: UInt8) throws(AuditEntry.Malformed) -> Bool {
    if peek == end {
      index += 1
      return false
    }
    try expect(UInt8(ascii: ","))
    return true
  }

  private func problem(_ words: String) -> AuditEntry.Malformed {
    AuditEntry.Malformed(description: "not an entry of an audit: \(words), at byte \(index)")
  }
}
