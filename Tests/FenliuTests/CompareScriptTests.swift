import Foundation
import HiredisClient
import TestSupport
import Testing

/// `scripts/compare` holds Fenliu against other job queues. Running them takes minutes and the network; what can be
/// said without: it refuses nonsense before it installs anything, and the job that all do is the one it says.
@Suite(.redis, .timeLimit(.minutes(1))) struct CompareScriptTests {
  private static let peers = [
    "sidekiq", "celery", "rq", "dramatiq", "arq", "saq", "huey", "taskiq", "bullmq",
  ]

  @Test func itExplainsItselfAndNamesEveryPeer() async throws {
    let compare = try ChildProcess("\(repository)/scripts/compare", ["--help"], directory: "/")
    #expect(try await compare.wait() == .exited(0), "\(compare.standardError)")
    let output = compare.standardOutput.joined(separator: "\n")
    for peer in Self.peers { #expect(output.contains(peer), "\(peer)") }
  }

  @Test(arguments: [
    ["--nonsense"], ["--jobs"], ["--jobs", "many"], ["--only", ""],
    ["--only", "rq,nobody"], ["--jobs", "4001"], ["--jobs", "3998"],
  ])
  func itRefusesNonsense(_ arguments: [String]) async throws {
    let compare = try ChildProcess("\(repository)/scripts/compare", arguments, directory: "/")
    #expect(try await compare.wait() == .exited(64), "\(compare.standardError)")
    let complaint = compare.standardError.last ?? ""
    #expect(complaint.hasPrefix("scripts/compare: "), "\(compare.standardError)")
    #expect(!compare.standardError.contains { $0.contains("What is needed") }, "it began to install")
  }

  /// Each peer is told of in three places: how it is started, what it does, and its versions.
  @Test func everyPeerIsThereAsAWhole() throws {
    let catalogue = try text("catalogue.py")
    for peer in Self.peers {
      #expect(catalogue.contains("\n        \"\(peer)\",\n"), "\(peer)")
      guard peer != "sidekiq" else { continue }
      #expect(try !text("peer_\(peer).py").isEmpty)
      let pinned = try text("requirements/\(peer).txt").split(separator: "\n")
      #expect(pinned.contains { $0.hasPrefix("\(peer)==") }, "\(pinned)")
      #expect(pinned.allSatisfy { $0.contains("==") }, "\(pinned)")
    }
  }

  @Test func theJobGivesConversationsToTheLeastLoadedAndTheQueueFollows() async throws {
    let connection = RedisConnection(to: try RedisServer.required().endpoint)
    try await connection.connect()
    _ = try await connection.send("FLUSHDB")
    _ = try await connection.send("ZADD", "agents", "0", "amy", "1", "bob")
    func perform(_ kind: String, _ conversation: String) async throws {
      _ = try await connection.send([
        "EVAL", try text("\(kind).lua"), "6", "agents", "conversations", "queue", "done", "oddities", "told",
        conversation, "2", "",
      ])
    }
    func state(_ conversation: String) async throws -> String? {
      try await connection.send("HGET", "conversations", conversation).text
    }
    func load(_ agent: String) async throws -> String? {
      try await connection.send("ZSCORE", "agents", agent).text
    }
    for conversation in ["1", "2", "3", "4"] { try await perform("open", conversation) }
    #expect(try await state("1") == "amy")
    #expect(try await [load("amy"), load("bob")] == ["2", "2"])
    #expect(try await state("4") == "", "everybody is full: it waits")

    try await perform("close", "1")
    #expect(try await [state("1"), state("4")] == ["closed", "amy"], "the next one from the queue follows")
    #expect(try await load("amy") == "2")
    try await perform("close", "4")
    #expect(try await load("amy") == "1")

    // What a queue without order brings about is seen, and done no harm by.
    try await perform("close", "5")
    try await perform("open", "5")
    try await perform("close", "1")
    #expect(try await state("5") == "closed")
    #expect(try await load("amy") == "1")
    for (oddity, count) in [("closed early", "1"), ("opened late", "1"), ("done twice", "1")] {
      #expect(try await connection.send("HGET", "oddities", oddity).text == count, "\(oddity)")
    }
    #expect(try await connection.send("GET", "done").text == "9")
    await connection.close()
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(repository)/scripts/peers/\(name)", encoding: .utf8)
  }
}
