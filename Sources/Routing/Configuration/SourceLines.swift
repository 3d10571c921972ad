/// The lines of a file, as libYAML counts them, to show a problem's line and to find the bytes of a place.
struct SourceLines {
  let bytes: [UInt8]
  private let starts: [Int]

  init(_ text: String) {
    bytes = Array(text.utf8)
    var starts = [0]
    var index = 0
    while index < bytes.count {
      let length = Self.breakLength(bytes, at: index)
      index += max(1, length)
      if length > 0 { starts.append(index) }
    }
    self.starts = starts
  }

  /// The line's text, without its end; empty beyond the file.
  func text(ofLine line: Int) -> String {
    guard line >= 1, line <= starts.count else { return "" }
    let start = starts[line - 1]
    var end = line < starts.count ? starts[line] : bytes.count
    // The start of the next line is after the break; the break itself is not shown.
    if line < starts.count {
      end = start
      while end < bytes.count, Self.breakLength(bytes, at: end) == 0 { end += 1 }
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The offset of the byte at a place, or nil beyond its line. Counting goes from `known` where that comes before on
  /// the same line.
  func offset(of place: SourcePlace, from known: (place: SourcePlace, offset: Int)? = nil) -> Int? {
    guard place.line >= 1, place.line <= starts.count, place.column >= 1 else { return nil }
    var index = starts[place.line - 1]
    var column = 1
    if let known, known.place.line == place.line, known.place.column <= place.column {
      index = known.offset
      column = known.place.column
    }
    for _ in column..<place.column {
      guard index < bytes.count, Self.breakLength(bytes, at: index) == 0 else { return nil }
      index += Self.scalarLength(bytes[index])
    }
    return index < bytes.count ? index : nil
  }

  /// The place of the byte at an offset.
  func place(ofOffset offset: Int) -> SourcePlace {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    let column = bytes[starts[low]..<min(offset, bytes.count)].count { $0 & 0xC0 != 0x80 }
    return SourcePlace(line: low + 1, column: column + 1)
  }

  /// How many bytes a scalar takes that begins with this byte.
  static func scalarLength(_ first: UInt8) -> Int {
    switch first {
    case 0xF0...: 4
    case 0xE0...: 3
    case 0xC0...: 2
    default: 1
    }
  }

  /// The length of the line break at an index, or 0: CR LF, CR, LF, and the Unicode ones that libYAML knows.
  private static func breakLength(_ bytes: [UInt8], at index: Int) -> Int {
    switch bytes[index] {
    case 0x0A: return 1
    case 0x0D: return index + 1 < bytes.count && bytes[index + 1] == 0x0A ? 2 : 1
    case 0xC2: return index + 1 < bytes.count && bytes[index + 1] == 0x85 ? 2 : 0
    case 0xE2:
      guard index + 2 < bytes.count, bytes[index + 1] == 0x80 else { return 0 }
      return bytes[index + 2] == 0xA8 || bytes[index + 2] == 0xA9 ? 3 : 0
    default: return 0
    }
  }
}
