/// Why a call to Redis failed. Its text says what to do next and never contains a password.
public enum RedisError: Error, Sendable, Equatable {
  /// No connection came about; `reason` is that of the last address tried.
  case connectFailed(endpoint: String, reason: String)
  /// No connection, or no answer to its first commands, within the deadline.
  case connectTimedOut(endpoint: String, after: Duration)
  /// TLS did not come about, or ended: the wrong server, a certificate that is over, a missing file.
  case tlsFailed(endpoint: String, RedisTLSFault)
  /// The server that the sentinels named is none that takes writes (yet, or any more).
  case notPrimary(endpoint: String, role: String)
  /// Two nodes of the cluster hold keys of one slot: it is being moved, or a move was left half done.
  case slotDivided(key: String, owner: String, other: String)
  /// The replies were not complete within the deadline.
  case commandTimedOut(after: Duration)
  /// Nothing moved on the connection for so long while replies were outstanding.
  case idleTimedOut(after: Duration)
  /// The server closed the connection, or it was reset.
  case closedByServer
  /// The operating system reported an error on the connection.
  case io(String)
  /// What arrived is not the Redis protocol, or is one reply too many.
  case protocolError(String)
  /// `connect()` has not been called, or not since the connection broke.
  case notConnected
  /// The server answered with an error.
  case server(RedisServerError)
  /// The server answered with something else than the command is documented to answer with.
  case unexpectedReply(String)
  /// A pipeline has a command with fewer or more words than were announced; nothing was sent.
  case incompletePipeline
  /// A call from within the closure that takes the replies of another call on the same connection.
  case nestedCall
  /// A call while replies that an earlier one has left are still to be taken; nothing was sent.
  case repliesLeft
  /// The hiredis found at run time is not the one compiled against.
  case libraryMismatch(String)
}

extension RedisError {
  /// Whether the same call can succeed later, after `connect()` where that is needed.
  public var isRetriable: Bool {
    switch self {
    case .connectFailed, .connectTimedOut, .notPrimary, .slotDivided, .commandTimedOut, .idleTimedOut,
      .closedByServer, .io,
      .protocolError, .notConnected:
      true
    case .server(let error): error.advice.isRetriable
    case .tlsFailed(_, .silent): true
    case .tlsFailed, .unexpectedReply, .incompletePipeline, .nestedCall, .repliesLeft, .libraryMismatch: false
    }
  }

  /// Whether the commands may have taken effect though their replies are missing. Sending such a pipeline
  /// again may do its work twice; read the state again first.
  public var mayHaveTakenEffect: Bool {
    switch self {
    case .commandTimedOut, .idleTimedOut, .closedByServer, .io, .protocolError, .unexpectedReply: true
    // TLS that fails later than its greeting was refused by the server before it read a command.
    case .connectFailed, .connectTimedOut, .tlsFailed, .notPrimary, .slotDivided, .notConnected, .server,
      .incompletePipeline, .nestedCall, .repliesLeft, .libraryMismatch:
      false
    }
  }
}

extension RedisError: CustomStringConvertible {
  /// What happened and what to do next.
  public var description: String {
    switch self {
    case .connectFailed(let endpoint, let reason):
      "cannot connect to \(endpoint): \(reason). Check that redis-server runs there and the address is right"
    case .connectTimedOut(let endpoint, let time):
      "no answer from \(endpoint) within \(time). Check the address, firewalls, and whether the server hangs"
    case .notPrimary(let endpoint, let role):
      "the sentinels name \(endpoint), which is a \(role) at present. Wait for the failover to end; "
        + "if it stays so, compare `SENTINEL MASTER` at all sentinels"
    case .slotDivided(let key, let owner, let other):
      "\(owner) has the slot of \(key), and \(other) holds keys of it too: it is being moved, or a move was left half "
        + "done. Nothing is done there before all of it is at one node; deploy/README.md says how to finish a move"
    case .tlsFailed(let endpoint, let fault): "no TLS with \(endpoint): \(fault)"
    case .commandTimedOut(let time):
      "Redis did not answer completely within \(time). Connect again and read the state before repeating: "
        + "the commands may have taken effect"
    case .idleTimedOut(let time):
      "nothing came from Redis for \(time). Connect again and read the state before repeating: "
        + "the commands may have taken effect"
    case .closedByServer:
      "Redis closed the connection. Connect again and read the state before repeating; "
        + "the server's log says why if it was not restarted"
    case .io(let reason): "the connection to Redis broke: \(reason). Connect again"
    case .protocolError(let reason):
      "the answer is not Redis protocol: \(reason). Check that the address is that of a Redis server; "
        + "one with TLS begins with rediss://"
    case .notConnected: "not connected to Redis. Call connect() first"
    case .server(let error): "Redis answered: \(error)"
    case .unexpectedReply(let what):
      "Redis answered in an unexpected way: \(what). Check the server's version"
    case .incompletePipeline: "a command has fewer or more words than announced; this is a bug of the caller"
    case .nestedCall:
      "a call within the closure that takes another call's replies; collect first, then call"
    case .repliesLeft:
      "a call before the replies that an earlier one has left were taken; this is a bug of the caller"
    case .libraryMismatch(let what):
      "hiredis is not the version this program was built for: \(what). Install that version, or build again"
    }
  }
}

extension RedisError {
  /// What happened, in few words, for a list of such reasons.
  var reason: String {
    switch self {
    case .connectFailed(_, let reason): reason
    case .connectTimedOut(_, let time), .commandTimedOut(let time), .idleTimedOut(let time):
      "no answer within \(time)"
    case .closedByServer: "closed the connection"
    case .tlsFailed(_, let fault): fault.description
    case .server(let error): error.message
    default: description
    }
  }
}
