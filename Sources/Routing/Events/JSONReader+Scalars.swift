/// Texts and numbers.
extension JSONReader {
  // MARK: Texts

  /// Reads a text whose opening quote is at the present position.
  @inline(__always)
  mutating func readText() throws(JSONFault) {
    let start = position + 1
    var place = start
    var kind = JSONNode.Kind.text
    while true {
      place = firstUnusual(from: place)
      guard place < bytes.count else { throw fault(.unclosedText) }
      switch bytes[place] {
      case UInt8(ascii: "\""):
        try append(kind, from: start, to: place)
        position = place &+ 1
        return
      case UInt8(ascii: "\\"):
        kind = .escapedText
        place = try endOfEscape(at: place)
      case 0x00..<0x20:
        throw JSONFault(reason: .controlCharacter(bytes[place]), offset: place)
      default:
        // Several at once, because Chinese comes in runs.
        while place < bytes.count, bytes[place] >= 0x80 {
          guard case .character(let length) = UTF8Sequence.find(at: place, in: bytes) else {
            throw JSONFault(reason: .malformedUTF8, offset: place)
          }
          place += length
        }
      }
    }
  }

  /// The first byte from `place` on that is not plain ASCII inside a text: a quote, a backslash, a
  /// control character or a byte of a longer character; or the end. Eight bytes at a time.
  @inline(__always)
  private func firstUnusual(from place: Int) -> Int {
    var place = place
    let raw = UnsafeRawBufferPointer(bytes)
    while place &+ 8 <= raw.count {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      let marks = Self.unusualBytes(of: word)
      if marks != 0 { return place &+ marks.trailingZeroBitCount &>> 3 }
      place &+= 8
    }
    while place < raw.count {
      let byte = raw[place]
      if byte >= 0x80 || byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      place += 1
    }
    return place
  }

  /// The high bit of each unusual byte of `word`. The lowest mark is exact; a borrow can set wrong ones
  /// only above it, and only the lowest is used.
  @inline(__always)
  private static func unusualBytes(of word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let high: UInt64 = 0x8080_8080_8080_8080
    let quote = word ^ (ones &* 0x22)
    let backslash = word ^ (ones &* 0x5C)
    let control = (word &- ones &* 0x20) & ~word
    return (word | control | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)) & high
  }

  /// Checks the escape at `place` and leads behind it.
  private func endOfEscape(at place: Int) throws(JSONFault) -> Int {
    guard place + 1 < bytes.count else { throw fault(.unclosedText) }
    switch bytes[place + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return place + 2
    case UInt8(ascii: "u"):
      guard let unit = JSONEscape.codeUnit(at: place, in: bytes) else {
        throw JSONFault(reason: .badEscape, offset: place)
      }
      switch unit {
      case 0xD800...0xDBFF:
        guard let second = JSONEscape.codeUnit(at: place + 6, in: bytes), (0xDC00...0xDFFF).contains(second)
        else { throw JSONFault(reason: .loneSurrogate, offset: place) }
        return place + 12
      case 0xDC00...0xDFFF: throw JSONFault(reason: .loneSurrogate, offset: place)
      default: return place + 6
      }
    default: throw JSONFault(reason: .badEscape, offset: place)
    }
  }

  // MARK: Numbers

  /// Reads the number that starts at the present position.
  @inline(__always)
  mutating func readNumber() throws(JSONFault) {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
      position += 1
      if position < bytes.count, isDigit(bytes[position]) {
        throw JSONFault(reason: .leadingZero, offset: start)
      }
    } else {
      try readDigits()
    }
    var kind = JSONNode.Kind.integer
    var mayOverflow = false
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      kind = .real
      position += 1
      try readDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      kind = .real
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      let exponent = position
      try readDigits()
      mayOverflow = position - exponent > 2
    }
    // The greatest double has 309 digits: up to 200 and an exponent up to 99 stay below it unseen.
    if mayOverflow || position - start > 200 {
      let text = String(decoding: bytes[start..<position], as: UTF8.self)
      guard let value = Double(text), value.isFinite else {
        throw JSONFault(reason: .numberTooLarge, offset: start)
      }
    }
    try append(kind, from: start, to: position)
  }

  /// Reads one digit or more.
  @inline(__always)
  private mutating func readDigits() throws(JSONFault) {
    guard position < bytes.count, isDigit(bytes[position]) else { throw fault(.expected("a digit")) }
    position &+= 1
    while position < bytes.count, isDigit(bytes[position]) { position &+= 1 }
  }

  @inline(__always)
  private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
