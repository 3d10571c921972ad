/// A sorted set as Redis keeps it: members by score, equal scores by the bytes of the members.
public struct SortedSet: Sendable, Equatable {
  /// A member at its place.
  public struct Place: Sendable, Equatable {
    /// What orders first.
    public var score: Double
    /// What orders equal scores.
    public var member: String

    /// Whether this place comes before the other.
    public static func < (one: Place, other: Place) -> Bool {
      one.score < other.score
        || (one.score == other.score && one.member.utf8.lexicographicallyPrecedes(other.member.utf8))
    }
  }

  /// The members, first one first.
  public private(set) var places: [Place] = []
  private var scores: [String: Double] = [:]

  /// An empty set.
  public init() {}

  /// How many members there are.
  public var count: Int { places.count }

  /// A member's score; nil if it is none.
  public func score(of member: String) -> Double? { scores[member] }

  /// Puts a member where its score says. True if it is new.
  @discardableResult
  public mutating func insert(_ member: String, score: Double) -> Bool {
    let old = scores[member]
    if old == score { return false }
    if let old { removePlace(Place(score: old, member: member)) }
    scores[member] = score
    let place = Place(score: score, member: member)
    places.insert(place, at: index(of: place))
    return old == nil
  }

  /// Takes a member away. False if it was none.
  @discardableResult
  public mutating func remove(_ member: String) -> Bool {
    guard let score = scores.removeValue(forKey: member) else { return false }
    removePlace(Place(score: score, member: member))
    return true
  }

  private mutating func removePlace(_ place: Place) {
    let index = index(of: place)
    if index < places.count, places[index] == place { places.remove(at: index) }
  }

  /// The index of the first place that is not before this one.
  private func index(of place: Place) -> Int {
    var low = 0
    var high = places.count
    while low < high {
      let middle = (low + high) / 2
      if places[middle] < place { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
