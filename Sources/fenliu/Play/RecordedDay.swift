import Routing

/// A day from a file, played over again.
enum RecordedDay {
  /// The shop for it, where none is given: eight slots, whose split among agents does not matter.
  static let shop = """
    shop: recorded-day
    groups:
      all:
        name: everybody
        strategy: longest-idle
        queue: {limit: 100000, hide: {waiting: 100000}}
    agents:
      agent-1: {groups: [all], capacity: 2}
      agent-2: {groups: [all], capacity: 2}
      agent-3: {groups: [all], capacity: 2}
      agent-4: {groups: [all], capacity: 2}
    """

  /// The plan: agents are there ten seconds of real time at most before the first customer.
  static func plan(
    of file: ArrivalsFile, speed: Double, levels: Bool, for shop: ShopConfiguration
  ) -> PlayPlan {
    let first = file.arrivals.first?.arrival ?? 0
    let last = file.arrivals.last?.arrival ?? 0
    // Half a second for the agents to come online.
    let begin = first - Int64(500 * speed)
    let visits = file.arrivals.map { arrival in
      var visit = Visit(id: arrival.id, arrival: arrival.arrival, service: arrival.service)
      visit.vip = levels && arrival.vip
      visit.patience = arrival.patience
      return visit
    }
    return PlayPlan(
      begin: begin, latestEnd: last + 86_400_000, visits: visits,
      shifts: shop.agents.keys.sorted().map { ShiftChange(at: begin, agent: $0, kind: .online) })
  }
}
