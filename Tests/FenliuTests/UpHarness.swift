import Foundation
import HiredisClient
import TestSupport

/// A `fenliu up` on a directory of its own.
struct RunningUp {
  let process: ChildProcess
  let socketPath: String

  /// Starts it and waits until it says that it is up.
  static func start(data: String, _ arguments: [String] = []) async throws -> RunningUp {
    let process = try ChildProcess(
      try ChildProcess.product("fenliu"), ["up", "--data", data] + arguments, doomed: data)
    var socket = ""
    try await eventually(within: .seconds(30), "fenliu up says where it is") {
      guard process.isRunning else { throw EndedEarly(said: process.standardError) }
      guard process.standardOutput.contains(where: { $0.hasPrefix("Ctrl-C") }) else { return false }
      let line = process.standardOutput.first { $0.contains("export FENLIU_REDIS=unix://") }
      socket = line?.components(separatedBy: "unix://").last ?? ""
      return true
    }
    return RunningUp(process: process, socketPath: socket)
  }

  /// It ended before it was up.
  struct EndedEarly: Error, CustomStringConvertible {
    var said: [String]
    var description: String { "fenliu up ended: \(said.joined(separator: "\n"))" }
  }

  /// An open connection to its Redis.
  func connected() async throws -> RedisConnection {
    let connection = RedisConnection(to: RedisEndpoint(.unix(path: socketPath)), name: "test")
    try await connection.connect()
    return connection
  }

  /// The process id of its redis-server.
  func serverPID() async throws -> Int32 {
    let connection = try await connected()
    let text = try await connection.send("INFO", "server").text ?? ""
    await connection.close()
    let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }
    return line.flatMap { Int32($0.dropFirst("process_id:".count)) } ?? 0
  }

  /// Lets an agent come online and a customer open a conversation, and waits until it is served.
  func serve(_ conversation: String) async throws {
    let connection = try await connected()
    let events = [
      #"{"type":"agent.online","shop":"tiny","agent":"ann","gateway":"g"}"#,
      #"{"type":"conversation.open","shop":"tiny","conversation":"\#(conversation)","gateway":"g","#
        + #""customer":{"id":"c-\#(conversation)"}}"#,
    ]
    for event in events { try await connection.send("RPUSH", "fl:{0}:in:0", event) }
    let key = "fl:{0}:tiny:conv:\(conversation)"
    try await eventually(within: .seconds(20), "\(conversation) is served") {
      try await connection.send("HGET", key, "state").text == "active"
    }
    await connection.close()
  }
}

/// A shop of one agent, as text.
let tinyShop = """
  shop: tiny
  groups: {all: {}}
  agents: {ann: {groups: [all], capacity: 50}}
  """

/// Whether a process runs: it is there and not a zombie that nobody has collected.
func isAlive(_ pid: Int32) -> Bool {
  FileManager.default.contents(atPath: "/proc/\(pid)/cmdline").map { !$0.isEmpty } ?? false
}

/// The root of the repository.
var repository: String {
  URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path
}
