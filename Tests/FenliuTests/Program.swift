import TestSupport

/// The program under test, run as its users run it.
enum Program {
  /// What a run left behind.
  struct Run {
    var exit: ChildProcess.Exit
    var output: [String]
    var error: [String]

    /// The exit status, or nil after a signal.
    var status: Int32? {
      guard case .exited(let status) = exit else { return nil }
      return status
    }
  }

  /// Runs it to its end.
  static func run(
    _ arguments: String..., on server: RedisServer? = nil, input: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> Run {
    let child = try start(arguments, on: server, input: input, environment: environment)
    let exit = try await child.wait()
    return Run(exit: exit, output: child.standardOutput, error: child.standardError)
  }

  /// Starts it.
  static func start(
    _ arguments: [String], on server: RedisServer? = nil, input: String? = nil,
    environment: [String: String] = [:]
  ) throws -> ChildProcess {
    try ChildProcess(
      path, arguments, environment: variables(server).merging(environment) { $1 }, input: input)
  }

  /// Where it is.
  static var path: String { get throws { try ChildProcess.product("fenliu") } }

  /// Never the developer's own Redis: where no server is given, nothing listens.
  static func variables(_ server: RedisServer?) -> [String: String] {
    ["FENLIU_REDIS": server?.url ?? "redis://127.0.0.1:1", "TERM": "xterm-256color", "TZ": "UTC"]
  }
}
