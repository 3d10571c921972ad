/// Random numbers that are the same for the same seed, on every machine (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  /// The numbers of a seed; `stream` gives independent ones, so that what happens to one customer does not
  /// change with what happened to another before.
  init(seed: UInt64, stream: UInt64 = 0) {
    state = seed &+ stream &* 0x9E37_79B9_7F4A_7C15
    _ = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number from 0 up to but not 1.
  mutating func share() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// True in such a share of all cases.
  mutating func chance(_ share: Double) -> Bool { self.share() < share }

  /// A time with the exponential distribution.
  mutating func exponential(mean: Double) -> Double { -mean * Logarithm.natural(1 - share()) }

  /// One of the elements, which are not empty.
  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next() % UInt64(elements.count))]
  }
}
