import Routing
import RoutingStore

/// Which gateways do not take their commands, as seen by one who looks now and then: what is to be told of them, each
/// thing once.
///
///     quiet ──half full──▶ filling ──full──▶ dropping ──┐
///       ▲                     └──────── below a quarter ─┴──▶ told, and quiet again
struct DeafGateways {
  /// What is new about a gateway.
  enum Change: Equatable {
    /// Half of what is kept for it is there.
    case halfFull
    /// Commands were dropped, the oldest, that it never took.
    case drops
    /// It has taken most of what was there.
    case takes
  }

  /// A gateway whose outbox was half full when it was looked at.
  private struct Deaf {
    var droppedBefore: Int64
    var isDropping = false
  }

  private var deaf: [GatewayID: Deaf] = [:]
  /// What was dropped for each that takes, when it was looked at last: what goes later is news.
  private var dropped: [GatewayID: Int64] = [:]
  private var hasLooked = false

  /// Takes in all outboxes that were ever half full; what is new about them.
  mutating func look(_ outboxes: [Overview.Outbox]) -> [(outbox: Overview.Outbox, change: Change)] {
    defer { hasLooked = true }
    var news: [(Overview.Outbox, Change)] = []
    for outbox in outboxes {
      var state = deaf[outbox.gateway]
      // Who looks for the first time cannot know when something was dropped; a full outbox says that it is going on.
      let before = state?.droppedBefore ?? dropped[outbox.gateway] ?? (hasLooked ? 0 : outbox.dropped)
      let isFull = outbox.length >= Outboxes.bound && outbox.dropped > 0
      if state == nil, outbox.length >= Outboxes.bound / 2 || outbox.dropped > before {
        state = Deaf(droppedBefore: before)
        if outbox.dropped == before, !isFull { news.append((outbox, .halfFull)) }
      }
      if let known = state, !known.isDropping, outbox.dropped > known.droppedBefore || isFull {
        state?.isDropping = true
        news.append((outbox, .drops))
      }
      if state != nil, outbox.length < Outboxes.bound / 4 {
        state = nil
        news.append((outbox, .takes))
      }
      deaf[outbox.gateway] = state
      dropped[outbox.gateway] = outbox.dropped
    }
    return news
  }
}
