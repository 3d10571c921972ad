import Foundation
import TestSupport
import Testing

@testable import HiredisClient

/// How a primary is found and guarded, with sentinels whose answers are made up.
@Suite(.timeLimit(.minutes(2))) struct PrimaryWatchTests {
  private func place(_ host: String) -> RedisSentinels.Place { RedisSentinels.Place(host: host, port: 6379) }

  private func answer(_ host: String, _ epoch: Int64) -> SentinelAnswer {
    SentinelAnswer(place: place(host), epoch: epoch)
  }

  /// A watch whose sentinels are not there: it hears only what it is told. Each name has one of its own.
  private func deafWatch(_ name: String, sentinels count: Int = 3) -> PrimaryWatch {
    let places = (1...count).map { RedisSentinels.Place(host: "127.0.0.1", port: UInt16($0)) }
    let sentinels = RedisSentinels(places, primary: name)
    return PrimaryWatch.shared(for: RedisEndpoint(.sentinel(sentinels)), sentinels)
  }

  /// A watch over these sentinels.
  private func watch(over servers: [FakeServer]) throws -> PrimaryWatch {
    let places = servers.map { RedisSentinels.Place(host: "127.0.0.1", port: $0.port) }
    let sentinels = RedisSentinels(places, primary: "main")
    return PrimaryWatch.shared(for: RedisEndpoint(.sentinel(sentinels)), sentinels)
  }

  /// What a sentinel says on the wire.
  private func wire(_ host: String, _ epoch: Int) -> String {
    "*2\r\n$\(host.utf8.count)\r\n\(host)\r\n$4\r\n6379\r\n*2\r\n$12\r\nconfig-epoch\r\n$1\r\n\(epoch)\r\n"
  }

  /// A sentinel that says the same again and again.
  private func steady(_ host: String, _ epoch: Int) throws -> FakeServer {
    try FakeServer(Array(repeating: [.receive, .send(wire(host, epoch))], count: 400).flatMap(\.self))
  }

  /// Two ends of an open connection.
  private final class Ends {
    let ours: Int32
    private let theirs: Int32

    init() throws {
      var pair: [Int32] = [-1, -1]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
      (ours, theirs) = (pair[0], pair[1])
    }

    deinit {
      close(ours)
      close(theirs)
    }

    /// Whether somebody has ended it.
    var isEnded: Bool {
      var byte: UInt8 = 0
      return recv(ours, &byte, 1, Int32(MSG_DONTWAIT)) == 0
    }
  }

  // MARK: Whom to believe

  @Test func theNewestOfSeveralAnswersCountsInWhateverOrderTheyCome() {
    let watch = deafWatch("order")
    #expect(watch.note([answer("new", 4), answer("old", 3)]) == answer("new", 4))
    #expect(watch.note([answer("old", 3), answer("newer", 5), answer("new", 4)]) == answer("newer", 5))
    #expect(watch.note([answer("newer", 5)]) == answer("newer", 5))
  }

  @Test func anAnswerThatIsRepeatedIsNotForgotten() {
    let watch = deafWatch("repeated")
    let start = MonotonicTime.now
    watch.note([answer("new", 4)], at: start)
    watch.note([answer("new", 4)], at: start + .seconds(8))
    #expect(watch.note([answer("old", 3), answer("old", 3)], at: start + .seconds(11)) == nil)
    #expect(watch.note([answer("old", 3), answer("old", 3)], at: start + .seconds(19)) == answer("old", 3))
    // From then on that is what the next ones are measured by.
    #expect(watch.note([answer("old", 3)], at: start + .seconds(20)) == answer("old", 3))
  }

  @Test func halfOfTheSentinelsAreNotMost() {
    let watch = deafWatch("half", sentinels: 4)
    let start = MonotonicTime.now
    watch.note([answer("new", 4)], at: start)
    let two = [answer("old", 3), answer("old", 3)]
    #expect(watch.note(two, at: start + .seconds(60)) == nil)
    #expect(watch.note(two + [answer("old", 3)], at: start + .seconds(60)) == answer("old", 3))
  }

  @Test func whenAllSentinelsSayOtherwiseTheyAreBelievedAtOnce() throws {
    let sentinels = try (0..<3).map { _ in try steady("old", 3) }
    let watch = try watch(over: sentinels)
    for _ in 0..<5 {
      watch.note([answer("new", 4)])
      #expect(try watch.find(until: .now + .seconds(20)) == place("old"))
    }
    withExtendedLifetime(sentinels) {}
  }

  @Test func aSentinelThatHangsIsNotAskedFirstAgain() async throws {
    let sentinels = [try FakeServer([.hang]), try steady("a", 1)]
    let watch = try watch(over: sentinels)
    #expect(try watch.find(until: .now + .seconds(20)) == place("a"))
    let answering = place("a")
    // Less than one may take that hangs. On a busy machine the other one may need a second chance too.
    try await eventually("the one that answered is asked first") {
      let deadline = MonotonicTime.now + (PrimaryWatch.patience - .milliseconds(50))
      let found = try? watch.find(until: deadline)
      return found == answering
    }
    withExtendedLifetime(sentinels) {}
  }

  // MARK: Guarding

  @Test func connectionsToAnotherThanThePrimaryAreEndedAndNoOthers() throws {
    let watch = deafWatch("guard")
    let (old, new) = (try Ends(), try Ends())
    let guards = [watch.guarding(old.ours, to: place("old")), watch.guarding(new.ours, to: place("new"))]
    #expect(!old.isEnded && !new.isEnded)
    watch.note([answer("new", 4)])
    #expect(old.isEnded && !new.isEnded)
    // One sentinel that is behind ends nothing.
    watch.note([answer("old", 3)])
    #expect(!new.isEnded)
    withExtendedLifetime(guards) {}
  }

  @Test func aConnectionThatWasOpenedToTheOldPrimaryWhileItWasReplacedIsEnded() throws {
    let watch = deafWatch("late")
    watch.note([answer("new", 4)])
    let (old, new) = (try Ends(), try Ends())
    let guards = [watch.guarding(old.ours, to: place("old")), watch.guarding(new.ours, to: place("new"))]
    #expect(old.isEnded && !new.isEnded)
    withExtendedLifetime(guards) {}
  }

  @Test func whatIsNotGuardedAnyMoreIsLeftAlone() throws {
    let watch = deafWatch("released")
    let ends = try Ends()
    do {
      let guarded = watch.guarding(ends.ours, to: place("old"))
      withExtendedLifetime(guarded) {}
    }
    // The number of the socket may be somebody else's by now.
    watch.note([answer("new", 4)])
    #expect(!ends.isEnded)
  }

  // MARK: The poller

  /// The server is frozen, and so is whoever waits for it; only the sentinels know.
  @Test func aPrimaryThatHangsIsLeftWhenSentinelsNameAnother() async throws {
    let steps: [FakeServer.Step] =
      Array(repeating: [.receive, .send(wire("old", 3))], count: 4).flatMap(\.self)
      + [.receive, .send(wire("new", 4))]
    let sentinels = [try FakeServer(steps), try FakeServer([.hang]), try FakeServer([.close])]
    let watch = try watch(over: sentinels)
    let ends = try Ends()
    let guarded = watch.guarding(ends.ours, to: place("old"))
    try await eventually(within: .seconds(30), "the connection to the old primary is ended") { ends.isEnded }
    withExtendedLifetime((guarded, sentinels)) {}
  }

  /// All sentinels have been set up anew, and the connection to what was the primary before is none to the primary.
  @Test func whatAllSentinelsHaveForgottenIsForgotten() async throws {
    let sentinels = try (0..<3).map { _ in try steady("again", 1) }
    let watch = try watch(over: sentinels)
    let ends = try Ends()
    let guarded = watch.guarding(ends.ours, to: place("before"))
    watch.note([answer("before", 9)])
    try await eventually(within: .seconds(30), "the connection to what was the primary is ended") {
      ends.isEnded
    }
    withExtendedLifetime((guarded, sentinels)) {}
  }

  /// A sentinel that was restarted, and learned something new meanwhile.
  @Test func aSentinelThatEndsTheConnectionIsAskedAgain() async throws {
    let early: [FakeServer.Step] = [.receive, .send(wire("old", 3)), .close]
    let late = Array(repeating: [FakeServer.Step.receive, .send(wire("new", 4))], count: 100).flatMap(\.self)
    let sentinel = try FakeServer { $0 == 0 ? early : late }
    let watch = try watch(over: [sentinel])
    defer { withExtendedLifetime(sentinel) {} }
    let ends = try Ends()
    let guarded = watch.guarding(ends.ours, to: place("old"))
    try await eventually(within: .seconds(30), "the connection to the old primary is ended") { ends.isEnded }
    withExtendedLifetime(guarded) {}
  }
}
