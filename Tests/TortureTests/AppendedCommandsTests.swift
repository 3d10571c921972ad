import Proving
import Testing

@testable import torture

@Suite("Where the commands of an append-only file end")
struct AppendedCommandsTests {
  private func encoded(_ words: String...) -> [UInt8] {
    Array("*\(words.count)\r\n".utf8) + words.flatMap { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
  }

  @Test("a command alone is a step, and so is a transaction as a whole")
  func steps() throws {
    let alone = encoded("SET", "a", "b\r\n$3\r\n中")
    let whole = encoded("MULTI") + encoded("set", "a", "1") + encoded("LPOP", "l") + encoded("EXEC")
    let steps = try AppendedCommands.steps(in: alone + whole + alone)
    #expect(steps.map(\.commands) == [["SET"], ["MULTI", "SET", "LPOP", "EXEC"], ["SET"]])
    #expect(
      steps.map(\.bytes) == [
        0..<alone.count, alone.count..<(alone.count + whole.count),
        (alone.count + whole.count)..<(2 * alone.count + whole.count),
      ])
  }

  @Test("a file that ends within a command is refused")
  func torn() {
    let bytes = encoded("SET", "a", "b")
    for length in 1..<bytes.count {
      #expect(throws: NeverHappened.self) { try AppendedCommands.steps(in: Array(bytes[..<length])) }
    }
  }
}
