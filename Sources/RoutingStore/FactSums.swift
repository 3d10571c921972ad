import Routing

#if canImport(Glibc)
  import Glibc
#endif

/// What entries of facts come to: for each hash of counters how much is added to which field.
///
/// The same as `fold_facts` in `fold.lua` does, entry by entry, which stays for the case that no worker keeps up: a test
/// holds both equal. What the entries look like stands in `facts.lua`. Names are numbered and looked up once for each line,
/// since a worker goes through some entries for every conversation.
struct FactSums {
  /// One hash of counters.
  struct Counters {
    /// Whose.
    let shop: ShopID
    /// The rest of its key behind `stats:`, such as `group:1790000000000:presale`.
    let name: String
    /// The sums, whole numbers, by the number of the field.
    fileprivate(set) var sums: [Int: Int64] = [:]
  }

  /// The counters of a shop in an hour: where they stand in ``counters``.
  private struct Hour {
    let shop: ShopID
    let time: String
    let all: Int
    var rules: Int?
    var others: [Subject: [String: Int]] = [:]
  }

  private enum Subject: String { case group, agent, `in`, out }

  /// The fields of a fact.
  private struct Fact {
    let count: Int
    let sum: Int
    var buckets: [Int: Int] = [:]
  }

  /// The hashes, in the order in which they were first met.
  private(set) var counters: [Counters] = []
  /// What writing them takes: one for each field, and as much as for eight fields for each hash.
  private(set) var work = 0
  /// The names of the fields, by their numbers.
  private(set) var names: [String] = []
  private var numbers: [String: Int] = [:]
  private var facts: [String: Fact] = [:]
  private var hours: [Hour] = []

  /// Adds one entry. One that begins otherwise than an entry does counts nothing.
  mutating func add(_ entry: [UInt8]) {
    var lines = FactWords(entry[...], separator: UInt8(ascii: "\n"))
    var head = FactWords(lines.next() ?? [], separator: UInt8(ascii: " "))
    guard let shop = head.nextText(), let time = head.nextText(), let at = Int64(time) else { return }
    let hour = self.hour(of: shop, at - at % 3_600_000)
    var targets = [hours[hour].all]
    while let line = lines.next() {
      switch line.first {
      case UInt8(ascii: "!"):
        add(1, number(of: String(decoding: line.dropFirst(), as: UTF8.self)), to: rules(of: hour))
      case UInt8(ascii: "@"):
        targets.removeSubrange(1...)
        var arms = FactWords(line.dropFirst(), separator: UInt8(ascii: "\t"))
        while let arm = arms.nextText() {
          targets.append(place(arm.hasPrefix("+") ? .in : .out, String(arm.dropFirst()), hour))
        }
      default: add(fact: line, to: targets, hour)
      }
    }
  }

  private mutating func add(fact line: ArraySlice<UInt8>, to targets: [Int], _ hour: Int) {
    var words = FactWords(line, separator: UInt8(ascii: " "))
    guard let name = words.nextText(), let group = words.nextText(), let agent = words.nextText(),
      let text = words.nextText()
    else { return }
    let value = Int64(text)
    let fact = fact(name)
    let bucket = value.map { self.bucket(of: name, fact, $0) }
    func count(_ target: Int, _ sums: inout FactSums) {
      sums.add(1, fact.count, to: target)
      guard let value, let bucket else { return }
      sums.add(value, fact.sum, to: target)
      sums.add(1, bucket, to: target)
    }
    for target in targets { count(target, &self) }
    if group != "-" { count(place(.group, group, hour), &self) }
    if agent != "-" { count(place(.agent, agent, hour), &self) }
  }

  private mutating func add(_ amount: Int64, _ field: Int, to place: Int) {
    if counters[place].sums.isEmpty { work += 8 }
    if counters[place].sums[field] == nil { work += 1 }
    counters[place].sums[field, default: 0] += amount
  }

  // MARK: Names

  private mutating func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    names.append(name)
    numbers[name] = names.count - 1
    return names.count - 1
  }

  private mutating func fact(_ name: String) -> Fact {
    if let fact = facts[name] { return fact }
    let fact = Fact(count: number(of: name), sum: number(of: name + ":sum"))
    facts[name] = fact
    return fact
  }

  /// The field that counts values like this one: two to each doubling, and for ratings the stars.
  private mutating func bucket(of name: String, _ fact: Fact, _ value: Int64) -> Int {
    let isRating = name == "rated"
    // In the same steps as `fold.lua`, so that both round alike.
    let bucket = isRating ? Int(value) : Int(floor(2 * log(Double(value) + 1) / log(2) + 1e-9))
    if let number = fact.buckets[bucket] { return number }
    let number = number(of: isRating ? "rated_\(bucket)" : "\(name):b\(bucket)")
    facts[name]?.buckets[bucket] = number
    return number
  }

  private mutating func hour(of shop: String, _ start: Int64) -> Int {
    let time = String(start)
    if let known = hours.lastIndex(where: { $0.shop.rawValue == shop && $0.time == time }) { return known }
    let id = ShopID(unchecked: shop)
    counters.append(Counters(shop: id, name: "shop:" + time))
    hours.append(Hour(shop: id, time: time, all: counters.count - 1))
    return hours.count - 1
  }

  private mutating func rules(of hour: Int) -> Int {
    if let place = hours[hour].rules { return place }
    counters.append(Counters(shop: hours[hour].shop, name: "rule:" + hours[hour].time))
    hours[hour].rules = counters.count - 1
    return counters.count - 1
  }

  private mutating func place(_ subject: Subject, _ id: String, _ hour: Int) -> Int {
    if let place = hours[hour].others[subject]?[id] { return place }
    counters.append(
      Counters(shop: hours[hour].shop, name: "\(subject.rawValue):\(hours[hour].time):\(id)"))
    hours[hour].others[subject, default: [:]][id] = counters.count - 1
    return counters.count - 1
  }
}

/// The pieces of a line, one after the other, without a list of them; empty ones are none.
private struct FactWords {
  private var rest: ArraySlice<UInt8>
  private let separator: UInt8

  init(_ line: ArraySlice<UInt8>, separator: UInt8) {
    (rest, self.separator) = (line, separator)
  }

  mutating func next() -> ArraySlice<UInt8>? {
    while rest.first == separator { rest.removeFirst() }
    guard !rest.isEmpty else { return nil }
    let end = rest.firstIndex(of: separator) ?? rest.endIndex
    defer { rest = rest[end...] }
    return rest[..<end]
  }

  mutating func nextText() -> String? { next().map { String(decoding: $0, as: UTF8.self) } }
}
