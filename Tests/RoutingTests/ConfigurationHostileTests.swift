import TestSupport
import Testing

@testable import Routing

/// Files that nobody writes by accident, and files as large as they may be.
@Suite struct ConfigurationHostileTests {
  private func problem(_ text: String) throws -> ConfigurationProblem {
    let errors = try #require(throws: ConfigurationErrors.self) {
      try ShopConfiguration.parse(text, file: "shop.yaml")
    }
    return try #require(errors.problems.first)
  }

  /// Nine lists of nine aliases each: a billion values in a few hundred bytes.
  private static let bomb =
    "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + (1...9).map {
      "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]\n"
    }
    .joined()

  @Test(.timeLimit(.minutes(1))) func aliasBomb() throws {
    #expect(try problem(Self.bomb).message.contains("aliases multiply"))
    #expect(try problem("shop: s\ngroups: {g: {}}\n" + Self.bomb).message.contains("aliases multiply"))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["? *a9\n: x\n", "? [*a9]\n: x\n", "k: {[*a9]}\n", "*a9 : x\n"])
  func aliasBombAsAKey(end: String) throws {
    #expect(try problem(Self.bomb + end).message.contains("a key is"))
  }

  @Test(arguments: [100, 999, 1_001, 100_000]) func depthBomb(depth: Int) throws {
    let open = String(repeating: "[", count: depth)
    let close = String(repeating: "]", count: depth)
    let inFlow = try problem("shop: s\ngroups: \(open)\(close)").message
    #expect(inFlow.contains("deep") || inFlow.contains("nesting") || inFlow.contains("no valid YAML"))
    let inBlock = try problem("shop: s\ngroups: \n" + String(repeating: "- ", count: depth) + "x").message
    #expect(inBlock.contains("deep") || inBlock.contains("nesting") || inBlock.contains("no valid YAML"))
    let mappings = String(repeating: "{a: ", count: depth)
    let closed = String(repeating: "}", count: depth)
    let inMappings = try problem("shop: s\ngroups: \(mappings)x\(closed)").message
    #expect(
      inMappings.contains("deep") || inMappings.contains("nesting") || inMappings.contains("no valid YAML"))
  }

  @Test func tooLargeAFile() throws {
    let text = "shop: s\n" + String(repeating: "# 0123456789abcdef\n", count: (64 << 20) / 19 + 1)
    #expect(try problem(text).message == "the file is larger than 64 MiB")
  }

  @Test func tooManyRules() throws {
    let text = "shop: s\ngroups: {g: {}}\nrules:\n" + String(repeating: "- {}\n", count: 20_001)
    #expect(try problem(text).message == "20001 rules; a shop has at most 20000")
  }

  @Test func tooManyAgents() throws {
    let agents = (0...200_000).map { "  a\($0):\n" }.joined()
    #expect(
      try problem("shop: s\ngroups: {g: {}}\nagents:\n" + agents).message
        == "200001 agents; a shop has at most 200000")
  }

  @Test func tenThousandAgents() throws {
    let agents = (0..<10_000).map {
      "  agent-\($0): {name: 小李\($0), groups: [g, h], capacity: \($0 % 9 + 1)}\n"
    }
    let text = "shop: s\ngroups: {g: {}, h: {}}\nagents:\n" + agents.joined()
    let clock = ContinuousClock()
    var count = 0
    let time = try clock.measure { count = try ShopConfiguration.parse(text, file: "f").agents.count }
    print("10,000 agents, \(text.utf8.count) bytes: \(time)")
    #expect(count == 10_000)
    // A bound against quadratic work, not against a slow machine.
    #expect(time < .seconds(60))
  }

  /// Small changes of a valid file, from a fixed seed: whatever comes out, it comes out.
  @Test(arguments: 0..<4) func mutationsNeverCrash(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let original = Array(ConfigurationExample.text.utf8)
    let spice = Array("&*?:-{}[],#|>!%@`\"'\\\n\t \0\u{7F}~<=0é深🙂".utf8) + [0xC2, 0x85, 0xFF, 0xED, 0xA0]
    var accepted = 0
    for _ in 0..<1_000 {
      var bytes = original
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        let end = min(bytes.count, place + Int.random(in: 1..<20, using: &random))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = spice.randomElement(using: &random) ?? 0
        case 1: bytes.insert(spice.randomElement(using: &random) ?? 0, at: place)
        case 2: bytes.removeSubrange(place..<end)
        case 3:
          let target = Int.random(in: 0..<bytes.count, using: &random)
          bytes.insert(contentsOf: Array(bytes[place..<end]), at: target)
        default: bytes.removeSubrange(place...)
        }
        if bytes.isEmpty { bytes = [0x3A] }
      }
      accepted += parses(String(decoding: bytes, as: UTF8.self)) ? 1 : 0
    }
    #expect(accepted < 1_000)
  }

  @Test func garbageNeverCrashes() {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2_000 {
      let length = Int.random(in: 0..<200, using: &random)
      let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(!parses(String(decoding: bytes, as: UTF8.self)))
      let ascii = bytes.map { $0 % 95 + 32 }
      #expect(!parses(String(decoding: ascii, as: UTF8.self)))
    }
  }

  private func parses(_ text: String) -> Bool {
    do throws(ConfigurationErrors) {
      _ = try ShopConfiguration.parse(text, file: "f").warnings()
      return true
    } catch {
      // Printing walks the source lines, which is where an index could go wrong.
      return error.description.isEmpty
    }
  }
}
