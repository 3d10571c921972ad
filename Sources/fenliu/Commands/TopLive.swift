import Foundation
import HiredisClient
import RoutingStore
import UnixSignals

/// `fenliu top` on a terminal: looks again and again until `q`, Ctrl-C or a signal.
///
/// Redis is read in a task of its own, so that keys and signals are heard while it does not answer.
struct TopLive {
  private enum Happening: Sendable {
    case key(UInt8)
    case signal(UnixSignal)
    case looked(Result<Overview, RedisError>)
  }

  private let screen = Screen()
  private let source: TopSource
  private var frame: TopFrame

  /// Nothing shown yet.
  init(_ source: TopSource) {
    self.source = source
    frame = TopFrame(trend: TopTrend(), redis: source.redis)
    frame.hint = "q quits"
  }

  /// Shows frames until told to stop; the terminal is as before then, whatever happens.
  static func run(_ source: TopSource) async throws {
    var live = TopLive(source)
    let (happenings, events) = AsyncStream.makeStream(of: Happening.self)
    // Signals first: one that comes before they are caught would leave the terminal taken over.
    let signals = await UnixSignalsSequence(
      trapping: .sigterm, .sigint, .sighup, .sigquit, .sigwinch, .sigcont)
    let tasks = [
      Task { for await signal in signals { events.yield(.signal(signal)) } },
      Task { await source.look { events.yield(.looked($0)) } },
    ]
    defer { for task in tasks { task.cancel() } }
    live.screen.enter()
    defer { live.screen.leave() }
    if live.screen.hasKeys { readKeys { events.yield(.key($0)) } }
    try live.show()
    for await happening in happenings {
      guard try live.take(happening) else { return }
    }
  }

  /// False when it is time to end.
  private mutating func take(_ happening: Happening) throws -> Bool {
    switch happening {
    case .key(UInt8(ascii: "q")), .key(UInt8(ascii: "Q")), .key(3), .key(28): return false
    case .key(26):
      screen.leave()
      kill(getpid(), SIGTSTP)
      return true
    case .key: return true
    case .signal(.sigcont): screen.enter()
    case .signal(.sigwinch): break
    case .signal: return false
    case .looked(.success(let overview)):
      try source.requireShop(in: overview)
      frame.trend.look(overview)
      frame.overview = overview
      frame.trouble = nil
    case .looked(.failure(let error)):
      guard error.isRetriable else { throw error }
      frame.trouble = "Redis is away, trying on: \(error)"
    }
    try show()
    return true
  }

  private func show() throws {
    let size = Terminal.size ?? Terminal.Size(columns: 80, rows: 24)
    try screen.show(
      frame.lines(columns: size.columns, rows: size.rows), in: size, colour: Terminal.wantsColour)
  }

  /// Hands over what is typed, from a thread of its own: reading a key blocks.
  private static func readKeys(_ take: @escaping @Sendable (UInt8) -> Void) {
    Thread.detachNewThread {
      var key: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &key, 1)
        if count == 1 {
          take(key)
        } else if count == 0 || errno != EINTR {
          // The terminal is gone; a signal says so.
          return
        }
      }
    }
  }
}
