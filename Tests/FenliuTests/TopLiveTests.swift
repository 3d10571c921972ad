import Foundation
import TestSupport
import Testing

/// `fenliu top` on a terminal: it starts, shows, follows, ends, and gives the terminal back.
@Suite(.redis) struct TopLiveTests {
  private static let taken = "\u{1B}[?1049h"
  private static let givenBack = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

  private let server: RedisServer

  init() throws { server = try RedisServer.required() }

  @Test(arguments: ["q", "Q", "\u{3}"])
  func aKeyEndsIt(_ key: String) async throws {
    let terminal = try PseudoTerminal(["top", "--prefix", "key"], on: server)
    try await terminal.frameShows("no shop is configured yet")
    #expect(terminal.output.contains(Self.taken) && !terminal.isCooked)
    terminal.type("x" + key)
    #expect(try await terminal.wait() == .exited(0))
    #expect(terminal.output.hasSuffix(Self.givenBack))
    #expect(terminal.isCooked)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
  func aSignalEndsIt(_ signal: Int32) async throws {
    let terminal = try PseudoTerminal(["top", "--prefix", "signal"], on: server)
    try await terminal.shows(Self.taken)
    terminal.send(signal: signal)
    #expect(try await terminal.wait() == .exited(0))
    #expect(terminal.output.hasSuffix(Self.givenBack))
    #expect(terminal.isCooked)
  }

  @Test func itFollowsWhatHappensAndTheSizeOfTheTerminal() async throws {
    let files = try TemporaryDirectory()
    let file = files.path("shop.yaml")
    let agents = (1...60).map { "  agent-\($0): {groups: [售前]}" }.joined(separator: "\n")
    try Data("shop: acme\ngroups: {售前: {}}\nagents:\n\(agents)\n".utf8).write(to: URL(fileURLWithPath: file))
    let terminal = try PseudoTerminal(["top", "--prefix", "live", "--interval", "100ms"], on: server)
    try await terminal.frameShows("no shop is configured yet")
    let apply = try await Program.run("apply", "--prefix", "live", file, on: server)
    #expect(apply.status == 0)
    try await terminal.frameShows("shop acme")
    let router = try Program.start(["route", "--prefix", "live", "--lease", "300ms"], on: server)
    let online = (1...60).map { Line.online("agent-\($0)") }.joined(separator: "\n")
    _ = try await Program.run("push", "--prefix", "live", on: server, input: online)
    try await terminal.frameShows("… and ")
    try await terminal.frameShows("online 60")
    // Never more lines than the terminal has, and none that is wider.
    try expectFit(terminal.frame, columns: 100, rows: 40)
    terminal.resize(columns: 40, rows: 12)
    try await eventually("it fits the smaller terminal") {
      terminal.frame.components(separatedBy: "\r\n").count <= 12
    }
    try expectFit(terminal.frame, columns: 40, rows: 12)
    terminal.type("q")
    #expect(try await terminal.wait() == .exited(0))
    router.send(signal: SIGTERM)
    #expect(try await router.wait() == .exited(0))
  }

  private func expectFit(_ frame: String, columns: Int, rows: Int) throws {
    let lines = frame.components(separatedBy: "\r\n")
    #expect(lines.count <= rows)
    for line in lines {
      // The terminal driver adds a carriage return of its own to each line end.
      let shown = line.replacing(try Regex("\u{1B}\\[[0-9;?]*[A-Za-z]"), with: "").filter { $0 != "\r" }
      // Counted apart from the program: what is not ASCII here is Chinese, but for these.
      let width = shown.reduce(0) { $0 + ($1.isASCII || "█░…–".contains($1) ? 1 : 2) }
      #expect(width <= columns, "\(shown)")
    }
  }

  @Test func itOutlivesRedis() async throws {
    let server = try await RedisServer.start()
    let terminal = try PseudoTerminal(["top", "--interval", "100ms"], on: server)
    try await terminal.frameShows("no shop is configured yet")
    server.kill()
    try await terminal.frameShows("Redis is away, trying on: ")
    try await server.start()
    try await eventually("it is back") {
      terminal.frame.contains("no shop is configured yet") && !terminal.frame.contains("Redis is away")
    }
    terminal.type("q")
    #expect(try await terminal.wait() == .exited(0))
  }

  @Test func itStartsWithoutRedisToo() async throws {
    let terminal = try PseudoTerminal(["top"], on: nil)
    try await terminal.frameShows("Redis is away, trying on: cannot connect to redis://127.0.0.1:1")
    terminal.type("q")
    #expect(try await terminal.wait() == .exited(0))
  }

  @Test func aShopThatIsNoneEndsItWithAReason() async throws {
    let terminal = try PseudoTerminal(["top", "nobody", "--prefix", "none"], on: server)
    #expect(try await terminal.wait() == .exited(1))
    #expect(terminal.output.contains("shop nobody has no configuration"))
    #expect(terminal.isCooked)
  }

  @Test func coloursAreOnlyWhereTheyAreWanted() async throws {
    let coloured = try PseudoTerminal(["top", "--once", "--prefix", "colour"], on: server)
    #expect(try await coloured.wait() == .exited(0))
    #expect(coloured.output.contains("\u{1B}[1m"))
    for variables in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
      let plain = try PseudoTerminal(
        ["top", "--once", "--prefix", "colour"], on: server, environment: variables)
      #expect(try await plain.wait() == .exited(0))
      #expect(plain.output.contains("fenliu top") && !plain.output.contains("\u{1B}"))
    }
  }
}
