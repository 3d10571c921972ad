import Routing
import TestSupport

/// What happens in a history, one after the other. A list of steps can be played again without whatever made
/// it, and still makes sense when some of them are left out.
struct History {
  enum Step {
    /// A configuration comes into force; records follow.
    case configure(String, ShopConfiguration)
    /// All records are brought to the configuration in force.
    case settle
    /// Time goes on by so many milliseconds. If `firing`, every timer fires at its very moment.
    case pass(Int64, firing: Bool)
    /// What is due fires, so many in one call.
    case tick(limit: Int)
    case event(Event)
  }

  /// The configuration that it begins with.
  var text: String
  var configuration: ShopConfiguration
  var steps: [Step]
  /// The keys that its configurations give.
  private(set) var paths: Set<String>

  /// The history of a seed, with so many events.
  init(seed: UInt64, events count: Int) throws {
    var random = SeededGenerator(seed: seed)
    let shop = RandomShop(&random)
    var events = RandomEvents(shop)
    let isPunctual = random.percent(50)
    var current = shop.configuration(&random)
    text = current.text
    paths = current.paths
    configuration = try current.parsed()
    steps = []
    var isSettled = true
    for _ in 0..<count {
      if random.percent(2) {
        current = shop.changed(current, &random)
        paths.formUnion(current.paths)
        steps.append(.configure(current.text, try current.parsed()))
        isSettled = random.percent(60)
        if isSettled { steps.append(.settle) }
      } else if !isSettled, random.percent(10) {
        steps.append(.settle)
        isSettled = true
      }
      // Time goes on, mostly a little; timers fire when they are due, or some while later.
      let firing = isPunctual || random.percent(30)
      let span = Self.span(&random)
      if span > 0 { steps.append(.pass(span, firing: firing)) }
      if random.percent(80) { steps.append(.tick(limit: random.pick([1, 3, 64]))) }
      steps.append(.event(events.next(&random)))
    }
  }

  private static func span(_ random: inout SeededGenerator) -> Int64 {
    switch random.below(100) {
    case 0..<45: 0
    case 45..<75: Int64(1 + random.below(200))
    case 75..<92: Int64(random.below(8_000))
    case 92..<97: Int64(10_000 + random.below(60_000))
    case 97..<99: Int64(600_000 + random.below(100_000))
    default: 5_000
    }
  }
}

extension History {
  /// The events as `fenliu push` takes them, one a line.
  var eventLines: [String] {
    steps.compactMap { if case .event(let event) = $0 { event.json } else { nil } }
  }

  /// Everything else, each with the number of the event before which it happens.
  var otherLines: [String] {
    var number = 1
    var lines: [String] = []
    for step in steps {
      switch step {
      case .event: number += 1
      case .configure(let text, _): lines.append("before \(number): configure\n\(text)")
      case .settle: lines.append("before \(number): settle all records")
      case .pass(let span, let firing):
        lines.append("before \(number): \(span) ms pass\(firing ? ", firing" : "")")
      case .tick(let limit): lines.append("before \(number): tick, \(limit) at a time")
      }
    }
    return lines
  }
}
