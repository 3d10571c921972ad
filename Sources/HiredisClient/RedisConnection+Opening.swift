import Glibc

/// How a connection comes about: find the server, open, log in, see who it is.
extension RedisConnection {
  /// Finds the primary and connects to it. While a failover goes on, sentinels name a server that is gone or is
  /// not the primary yet; then they are asked again, as long as there is time.
  func connect(by sentinels: RedisSentinels, until deadline: MonotonicTime) throws(RedisError) {
    let watch = watch ?? PrimaryWatch.shared(for: endpoint, sentinels)
    self.watch = watch
    try insist(until: deadline) { () throws(RedisError) in
      let place = try watch.find(until: deadline)
      // A part of the time: the server may be one that hangs, and about to be replaced.
      let attempt = min(deadline, .now + Self.primaryPatience)
      try open(endpoint.server(at: place), until: attempt) { watch.guarding($0, to: place) }
    }
  }

  /// Tries again and again while a failover goes on, as long as there is time.
  func insist(until deadline: MonotonicTime, _ attempt: () throws(RedisError) -> Void) throws(RedisError) {
    var reason: RedisError?
    while true {
      do throws(RedisError) {
        return try attempt()
      } catch {
        // An attempt that ran out of time says less than the one before it.
        let telling = MonotonicTime.now < deadline ? error : reason ?? error
        guard error.isRetriable, MonotonicTime.now + Self.primaryPause < deadline else { throw telling }
        reason = error
        poll(nil, 0, 50)
      }
    }
  }

  /// How long one attempt to reach the server that sentinels or a cluster name may take, and the pause before the next.
  static let primaryPatience = Duration.seconds(1)
  private static let primaryPause = Duration.milliseconds(50)

  /// Connects to one server, guarded by the watch that named it if there is one.
  func open(
    _ server: RedisEndpoint, until deadline: MonotonicTime, guarding: ((Int32) -> GuardedSocket)? = nil
  ) throws(RedisError) {
    let allowed = guarding == nil ? deadlines.connect : min(deadlines.connect, Self.primaryPatience)
    let connector = Connector(endpoint: server, deadline: deadline, allowed: allowed)
    let wire = try connector.wire(guarding: guarding)
    clientID = try greet(wire, as: server, until: deadline, allowed: allowed)
    self.wire = wire
    self.server = server
  }

  /// The first exchange; returns the client's number.
  private func greet(
    _ wire: Wire, as server: RedisEndpoint, until deadline: MonotonicTime, allowed: Duration
  ) throws(RedisError) -> Int64? {
    var greeting = RedisPipeline()
    if let password = endpoint.password {
      if let user = endpoint.user {
        greeting.append("AUTH", user, password)
      } else {
        greeting.append("AUTH", password)
      }
    }
    if endpoint.database != 0 { greeting.append("SELECT", String(endpoint.database)) }
    // What sentinels say may be old: the server itself has to say that it takes writes.
    if endpoint.hasSentinels { greeting.append("ROLE") }
    let mandatory = greeting.count
    greeting.append("CLIENT", "SETNAME", name)
    greeting.append("CLIENT", "ID")

    var replies: [RedisValue] = []
    do throws(RedisError) {
      try wire.exchange(
        greeting.bytes, count: greeting.count, within: deadline - .now, idle: nil,
        receive: { _, reply in replies.append(reply.value) })
    } catch .commandTimedOut {
      throw .connectTimedOut(endpoint: server.description, after: allowed)
    } catch {
      // The server may have said why before it closed: too many clients, protected mode.
      if let refusal = replies.lazy.compactMap(\.error).first { throw .server(refusal) }
      throw error
    }
    for (index, reply) in replies.enumerated() {
      guard let error = reply.error else { continue }
      // A user that may not call CLIENT can still work; it only stays nameless.
      if index >= mandatory, error.kind == .noPermission { continue }
      throw .server(error)
    }
    if endpoint.hasSentinels, let role = replies[mandatory - 1].array?.first?.text, role != "master" {
      throw .notPrimary(endpoint: server.description, role: role)
    }
    return replies.last?.integer
  }
}
