import Proving

/// The commands of an append-only file, as far as it takes to know where each ends.
enum AppendedCommands {
  /// A command that stands alone, or a transaction.
  struct Step: Sendable {
    /// Where it begins and where it ends.
    let bytes: Range<Int>
    /// The names of its commands.
    let commands: [String]
  }

  /// All of a file, in order.
  static func steps(in bytes: [UInt8]) throws -> [Step] {
    var reader = Reader(bytes: bytes)
    var steps: [Step] = []
    var begin = 0
    var commands: [String] = []
    while reader.place < bytes.count {
      let name = try reader.command()
      commands.append(name)
      guard commands[0] != "MULTI" || name == "EXEC" else { continue }
      steps.append(Step(bytes: begin..<reader.place, commands: commands))
      (begin, commands) = (reader.place, [])
    }
    return steps
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    /// Reads a command; its name.
    mutating func command() throws -> String {
      let words = try number(after: UInt8(ascii: "*"))
      var name = ""
      for word in 0..<words {
        let length = try number(after: UInt8(ascii: "$"))
        guard place + length + 2 <= bytes.count else { throw broken }
        if word == 0 { name = String(decoding: bytes[place..<(place + length)], as: UTF8.self).uppercased() }
        place += length + 2
      }
      return name
    }

    private mutating func number(after sign: UInt8) throws -> Int {
      guard place < bytes.count, bytes[place] == sign,
        let end = bytes[place...].firstIndex(of: UInt8(ascii: "\r")), end + 1 < bytes.count,
        let number = Int(String(decoding: bytes[(place + 1)..<end], as: UTF8.self)), number >= 0
      else { throw broken }
      place = end + 2
      return number
    }

    private var broken: NeverHappened {
      NeverHappened(what: "a command at byte \(place) of an append-only file", time: .zero)
    }
  }
}
