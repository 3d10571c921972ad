import TestSupport
import Testing

/// What holds for every command: exit status, reasons, help, completions.
@Suite struct UsageTests {
  @Test(arguments: [
    ["check"], ["check", "--nonsense", "a.yaml"],
    ["topology", "--shards", "0"], ["topology", "--shards", "1025"], ["topology", "--partitions", "many"],
    ["topology", "--inbox-limit", "0"], ["topology", "--redis", "nonsense"],
    ["push", "a", "b"], ["push", "--redis", "http://127.0.0.1", "/dev/null"],
    ["dead", "list", "--count", "0"], ["dead", "list", "3"], ["dead", "retry", "three"],
    ["dead", "retry", "0"],
    ["dead", "retry", "5-3"], ["dead", "retry", "1:2:3"], ["dead", "drop"], ["dead", "nonsense"],
    ["top", "--interval", "2"], ["top", "--interval", "1ms"], ["top", "--once", "a b"], ["top"],
    ["audit", "on", "--keep", "0"], ["audit", "on", "--keep", "many"], ["audit", "read", "--after", "-1"],
    ["bench", "--workers", "5"], ["bench", "--conversations", "0"], ["bench", "--rate", "0"],
    ["bench", "--gateways", "65"], ["bench", "compare", "a.json"],
    ["nonsense"],
  ])
  func wrongUsageIs64(_ arguments: [String]) async throws {
    let child = try Program.start(arguments)
    #expect(try await child.wait() == .exited(64))
    #expect(child.standardOutput.isEmpty)
    #expect(child.standardError.first?.hasPrefix("Error: ") == true)
  }

  @Test(arguments: [
    ["topology"], ["push"], ["dead", "list"], ["dead", "retry"], ["dead", "drop", "--yes"],
    ["top", "--once"],
    ["top", "--once", "--json"], ["audit", "on"], ["audit", "off"], ["audit", "read"],
  ])
  func withoutRedisOneLineSaysWhy(_ arguments: [String]) async throws {
    let child = try Program.start(arguments)
    #expect(try await child.wait() == .exited(1))
    #expect(child.standardOutput.isEmpty)
    #expect(child.standardError.count == 1)
    #expect(child.standardError[0].contains("cannot connect to redis://127.0.0.1:1"))
    #expect(child.standardError[0].contains("Check that redis-server runs there"))
  }

  @Test(arguments: [
    "check", "topology", "push", "dead", "dead list", "dead retry", "dead drop", "top", "audit", "audit on",
    "audit off", "audit read", "bench measure", "bench compare",
  ])
  func helpHasAnExample(_ command: String) async throws {
    let child = try Program.start(command.split(separator: " ").map(String.init) + ["--help"])
    #expect(try await child.wait() == .exited(0))
    let help = child.standardOutput.joined(separator: " ")
    #expect(help.contains("Example") && help.contains("fenliu \(command)"))
    #expect(child.standardError.isEmpty)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionsAreProduced(_ shell: String) async throws {
    let run = try await Program.run("--generate-completion-script", shell)
    #expect(run.status == 0)
    let script = run.output.joined(separator: "\n")
    for word in ["check", "topology", "push", "dead", "retry", "drop", "list", "top", "no-wait", "interval"] {
      #expect(script.contains(word), "\(word)")
    }
    // Files where files are meant, words where there are only some.
    #expect(script.contains("yaml"))
    #expect(script.contains("jsonl"))
    #expect(script.contains("debug") && script.contains("critical"))
  }
}
