extension RedisConnection {
  /// Loads a library of functions. One that is there already is left as it is, unless it shall be replaced.
  ///
  /// - Throws: ``RedisError``; `server` if the library does not compile or the user may not load one.
  public func load(_ library: RedisLibrary, replace: Bool = false) throws(RedisError) {
    let words = ["FUNCTION", "LOAD"] + (replace ? ["REPLACE"] : []) + [library.code]
    var command = RedisPipeline()
    command.append(words)
    var refusal: RedisServerError?
    // Not `pipeline(_:)`, which would load the library when a function is missing, and so come back here.
    try exchange(command, nil) { _, reply in refusal = reply.error }
    // Two workers that start together load the same library; the second one finds it done.
    if let refusal, !refusal.isLibraryExists { throw .server(refusal) }
  }

  /// Calls a function: `FCALL`, or `FCALL_RO` for one that only reads. The ``library`` is loaded if it is
  /// set and the function unknown.
  ///
  /// - Throws: ``RedisError``; an error reply as `server`.
  public func call(
    _ function: String, keys: [String] = [], arguments: [String] = [], readOnly: Bool = false,
    deadline: Duration? = nil
  ) throws(RedisError) -> RedisValue {
    let head = [readOnly ? "FCALL_RO" : "FCALL", function, String(keys.count)]
    return try send(head + keys + arguments, deadline: deadline)
  }
}

extension RedisServerError {
  /// Whether this is the answer to loading a library that is loaded.
  fileprivate var isLibraryExists: Bool {
    message.hasPrefix("ERR Library") && message.contains("already exists")
  }
}
