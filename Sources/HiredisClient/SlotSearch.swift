/// Finds the node that has a slot, and makes sure that it has all of it.
///
/// Redis moves a slot key by key. While the old node knows that it does, it refuses our functions (`ASK`, since their
/// declared key never exists). But that knowledge dies with it: a replica that is promoted amid a move serves what is
/// left as if it were everything, and what has gone already would seem never to have been. What cannot hide are the
/// keys themselves. So every primary is asked how many keys of the slot lie there, and the slot is not served before
/// that is none at all but one.
struct SlotSearch {
  private let slot: HashSlot
  private let key: String
  private let watch: ClusterWatch
  private let deadline: MonotonicTime
  private var answers: [RedisPlace: ClusterAnswer] = [:]
  private var failures: [(place: RedisPlace, error: RedisError)] = []

  /// Finds the node for `key`.
  ///
  /// - Throws: ``RedisError``: `connectFailed` as long as the nodes do not agree or one cannot be asked,
  ///   `slotDivided`, or `server` if the login is refused.
  static func find(
    _ key: String, by watch: ClusterWatch, until deadline: MonotonicTime
  ) throws(RedisError) -> ClusterMap.Node {
    var search = SlotSearch(slot: HashSlot(of: key), key: key, watch: watch, deadline: deadline)
    return try search.run()
  }

  private init(slot: HashSlot, key: String, watch: ClusterWatch, deadline: MonotonicTime) {
    (self.slot, self.key, self.watch, self.deadline) = (slot, key, watch, deadline)
  }

  private mutating func run() throws(RedisError) -> ClusterMap.Node {
    for place in watch.places where answers.isEmpty { try ask(place) }
    guard !answers.isEmpty else {
      // A certificate that time will not mend is said as it is.
      for case (_, .tlsFailed(let node, let fault)) in failures where fault.isLasting {
        throw .tlsFailed(endpoint: node, fault)
      }
      throw failed(failures.map { "\($0.place): \($0.error.reason)" })
    }
    while let place = primaries.map(\.place).first(where: isUnasked) { try ask(place) }
    guard let owner = newest?.owner(of: slot) else { throw failed(["no node has slot \(slot)"]) }
    let silent = failures.filter { failure in primaries.contains { $0.place == failure.place } }
    guard silent.isEmpty else {
      // Until the others hold it to be gone, it may be one that has keys of this slot.
      throw failed(silent.map { "\($0.place), which may have a part of it: \($0.error.reason)" })
    }
    let holders = answers.values.filter { $0.map.myself?.isPrimary == true }
    guard let own = holders.first(where: { $0.map.myself?.id == owner.id }),
      own.map.owner(of: slot)?.id == owner.id
    else { throw failed(["the nodes do not agree yet on who has slot \(slot)"]) }
    guard watch.note(owner, has: slot) else {
      throw failed(["the nodes that answer have not heard of the last failover"])
    }
    if let other = holders.first(where: { $0.map.myself?.id != owner.id && $0.keys > 0 }) {
      throw .slotDivided(
        key: key, owner: owner.place.description, other: other.map.myself?.place.description ?? "another")
    }
    return owner
  }

  /// The map of who tells of the newest claim.
  private var newest: ClusterMap? {
    answers.values.map(\.map).max { epoch($0) < epoch($1) }
  }

  private func epoch(_ map: ClusterMap) -> Int64 { map.owner(of: slot)?.epoch ?? -1 }

  private var primaries: [ClusterMap.Node] { newest?.nodes.filter { $0.isPrimary && !$0.isFailed } ?? [] }

  private func isUnasked(_ place: RedisPlace) -> Bool {
    answers[place] == nil && !failures.contains { $0.place == place }
  }

  private mutating func ask(_ place: RedisPlace) throws(RedisError) {
    do throws(RedisError) {
      let limit = min(deadline, .now + ClusterWatch.patience)
      let link = try ClusterLink(to: place, as: watch.endpoint, until: limit)
      let answer = try link.ask(of: slot, until: limit)
      answers[place] = answer
      watch.note(answer.map)
    } catch .server(let refusal) where refusal.advice == .fixCredentials {
      throw .server(refusal)
    } catch {
      failures.append((place, error))
    }
  }

  private func failed(_ reasons: [String]) -> RedisError {
    .connectFailed(
      endpoint: watch.endpoint.of(key: key).description, reason: reasons.joined(separator: "; "))
  }
}
