import Foundation
package import Synchronization

/// Held while a program is started, and while a descriptor exists that is not yet close-on-exec: a child that
/// inherits the socket of a ``FakeServer`` keeps the connection open when the server closes it.
package let spawning = Mutex<Void>(())

/// Starts a program with the three standard streams on files, a clean signal mask and default signal actions.
func spawn(
  _ executable: String, _ arguments: [String], variables: [String: String], directory: String? = nil,
  input: String, output: String, error: String
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  // `env -C` changes the directory and becomes the program, under the same process id.
  let words = directory.map { ["env", "-C", $0, executable] } ?? [executable]
  return try spawn(words[0], words.dropFirst() + arguments, variables: variables, actions: &actions)
}

/// Starts a program with these file actions, a clean signal mask and default signal actions.
func spawn(
  _ executable: String, _ arguments: [String], variables: [String: String],
  actions: inout posix_spawn_file_actions_t
) throws -> pid_t {
  var attributes = posix_spawnattr_t()
  posix_spawnattr_init(&attributes)
  defer { posix_spawnattr_destroy(&attributes) }
  var none = sigset_t()
  sigemptyset(&none)
  var all = sigset_t()
  sigfillset(&all)
  posix_spawnattr_setsigmask(&attributes, &none)
  posix_spawnattr_setsigdefault(&attributes, &all)
  // A group of its own: Ctrl-C in the terminal is for the test runner, which then ends its children itself.
  posix_spawnattr_setpgroup(&attributes, 0)
  let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
  posix_spawnattr_setflags(&attributes, Int16(flags))

  var pid = pid_t()
  let code = withCStrings([executable] + arguments) { words in
    withCStrings(variables.map { "\($0)=\($1)" }) { environment in
      spawning.withLock { _ in
        posix_spawnp(&pid, executable, &actions, &attributes, words, environment)
      }
    }
  }
  guard code == 0 else { throw SystemFailure("start \(executable)", code) }
  return pid
}

private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}
