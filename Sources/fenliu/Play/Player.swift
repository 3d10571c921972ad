import HiredisClient
import Routing
import RoutingStore

/// Plays a plan against a running router: acts as the customers' and the agents' gateways in real time.
actor Player {
  /// Where the play stands, for those who show it.
  struct View: Sendable {
    var time: Int64
    var ledger: Ledger
    var chronicle: Chronicle
  }

  /// What the taking side saw.
  struct Traffic: Sendable {
    var gaps: Int64 = 0
    var repeats = 0
    var malformed: [String] = []
    /// From the moment an opening was to be sent until the first command about it, in microseconds.
    var answers: [Int64] = []
  }

  private var engine: PlayEngine
  private(set) var traffic = Traffic()
  private let outgoing: AsyncStream<[PlayEvent]>.Continuation
  private var sleeper: Task<Void, Never>?
  private var asked: [String: ContinuousClock.Instant] = [:]
  private var isStopping = false

  /// A router that answers nothing for so long is not there.
  private static let silence = Duration.seconds(10)

  init(_ engine: PlayEngine, sendingTo outgoing: AsyncStream<[PlayEvent]>.Continuation) {
    self.engine = engine
    self.outgoing = outgoing
  }

  /// What is to be shown now.
  var view: View {
    View(time: engine.clock.time(), ledger: engine.ledger, chronicle: engine.chronicle)
  }

  /// The play so far.
  var state: PlayEngine { engine }

  /// Plays until everybody has gone, the plan's end has come, or the task is cancelled; then closes what is
  /// open. Throws if no router answers.
  func run() async throws {
    while !Task.isCancelled, !engine.isOver {
      let now = ContinuousClock.now
      send(engine.advance(to: engine.clock.time(at: now)))
      if engine.clock.time(at: now) >= engine.plan.latestEnd { break }
      try refuseSilence(longerThan: Self.silence, at: now)
      await sleep(until: engine.nextCue)
    }
    // A play that was over sooner than that has not heard anything either.
    if !Task.isCancelled, engine.ledger.commands == 0 { try refuseSilence(longerThan: .zero, at: .now) }
    isStopping = true
    send(engine.curtain(at: engine.clock.time()))
  }

  /// Waits until everything that was closed at the end is reported closed.
  func settle() async {
    let deadline = ContinuousClock.now + .seconds(5)
    while ContinuousClock.now < deadline {
      let open = engine.ledger.entries.contains {
        switch $0.phase {
        case .coming, .closed: false
        default: true
        }
      }
      if !open, engine.ledger.agents.values.allSatisfy({ $0.load == 0 }) { return }
      try? await Task.sleep(for: .milliseconds(20))
    }
  }

  /// Takes in what a receiver brought.
  func take(_ delivery: GatewayReceiver.Delivery) {
    traffic.gaps += delivery.gaps
    traffic.repeats += delivery.repeats
    traffic.malformed += delivery.malformed
    let now = ContinuousClock.now
    var events: [PlayEvent] = []
    for command in delivery.commands {
      if let id = command.conversation, let asked = asked.removeValue(forKey: id.rawValue) {
        traffic.answers.append(Int64(asked.duration(to: now) / .microseconds(1)))
      }
      events += engine.take(command)
    }
    guard !isStopping else { return }
    send(events)
    sleeper?.cancel()
  }

  private func send(_ events: [PlayEvent]) {
    guard !events.isEmpty else { return }
    let now = ContinuousClock.now
    for event in events where event.type == "conversation.open" {
      if let conversation = event.conversation { asked[conversation] = now }
    }
    outgoing.yield(events)
  }

  private func refuseSilence(longerThan bound: Duration, at now: ContinuousClock.Instant) throws {
    guard let oldest = asked.values.min(), oldest.duration(to: now) > bound else { return }
    throw CommandFailure(
      "no router answers: customers were pushed, and nothing came back. "
        + "Start one with `fenliu up` or `fenliu route` on the same Redis and prefix")
  }

  /// Sleeps until a time of the shop's day, a command, or a second has passed.
  private func sleep(until time: Int64?) async {
    let longest = ContinuousClock.now + .seconds(1)
    let next = time.map { min(longest, engine.clock.instant(of: $0)) } ?? longest
    let sleeper = Task { _ = try? await Task.sleep(until: next, tolerance: .zero, clock: .continuous) }
    self.sleeper = sleeper
    await withTaskCancellationHandler {
      await sleeper.value
    } onCancel: {
      sleeper.cancel()
    }
  }
}
