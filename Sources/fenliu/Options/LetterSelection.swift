import ArgumentParser
import RoutingStore

/// Which dead letters a command is about.
struct LetterSelection: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "Numbers as `fenliu dead list` shows them, and ranges of them: 3, 7-12, and 1:3 for shard 1. Default: all.",
      valueName: "number"))
  var numbers: [LetterRange] = []

  @Option(help: ArgumentHelp("Only letters whose reason contains this text.", valueName: "text"))
  var error: String?

  /// Whether nothing narrows it down.
  var isEverything: Bool { numbers.isEmpty && error == nil }

  /// Whether a letter is meant.
  func contains(_ letter: StoredLetter) -> Bool {
    if !numbers.isEmpty, !numbers.contains(where: { $0.contains(letter) }) { return false }
    return error.map { letter.reason.contains($0) } ?? true
  }
}

/// `3`, `7-12`, and with a shard before it `1:7-12`.
struct LetterRange: ExpressibleByArgument {
  let shard: Int
  let places: ClosedRange<Int>

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2, let last = parts.last else { return nil }
    guard let shard = parts.count == 2 ? Self.number(parts[0]) : 0 else { return nil }
    let ends = last.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2, let first = ends.first.flatMap(Self.number), first > 0,
      let end = ends.last.flatMap(Self.number), end >= first
    else { return nil }
    self.shard = shard
    places = first...end
  }

  func contains(_ letter: StoredLetter) -> Bool {
    letter.shard == shard && places.contains(letter.place)
  }

  private static func number(_ digits: Substring) -> Int? {
    digits.allSatisfy(\.isNumber) ? Int(digits) : nil
  }
}
