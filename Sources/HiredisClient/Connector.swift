import Glibc

/// Opens sockets: non-blocking, under a deadline, every resolved address in turn.
///
/// hiredis could connect by itself, but not with a deadline over several addresses, and its non-blocking
/// connect leaves the waiting to the caller anyway.
struct Connector {
  let endpoint: RedisEndpoint
  let deadline: MonotonicTime
  /// The whole time allowed, for the text of the error.
  let allowed: Duration

  /// An open wire, with TLS on it if the endpoint says so, and guarded if somebody watches over it.
  func wire(guarding: ((Int32) -> GuardedSocket)? = nil) throws(RedisError) -> Wire {
    let socket = try open()
    guard case .tcp(let host, _) = endpoint.address else { return try Wire(socket: socket) }
    var guarded = guarding?(socket)
    guard let settings = endpoint.tls else { return try Wire(socket: socket, guarded: guarded) }
    let session: TLSSession
    do throws(RedisError) {
      session = try TLSSession(
        socket, host: host, settings: settings, endpoint: endpoint.description, until: deadline,
        allowed: allowed)
    } catch {
      guarded = nil
      close(socket)
      throw error
    }
    return try Wire(socket: socket, tls: session, guarded: guarded)
  }

  /// A connected, non-blocking socket, which the caller has to close.
  ///
  /// Looking up a host name is the one step that no deadline covers: the system's resolver has its own.
  func open() throws(RedisError) -> Int32 {
    switch endpoint.address {
    case .unix(let path): return try openUnix(path)
    case .tcp(let host, let port): return try openTCP(host, port)
    case .sentinel: throw failed("the sentinels have to be asked for the server first")
    case .cluster: throw failed("the cluster has to be asked for the node first")
    }
  }

  // MARK: Unix

  private func openUnix(_ path: String) throws(RedisError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    // The last byte stays the closing zero.
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw failed("the path of the socket is longer than \(RedisURL.longestSocketPath) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let socket = try newSocket(AF_UNIX)
    do throws(RedisError) {
      try withUnsafePointer(to: &address) { (address) throws(RedisError) in
        try address.withMemoryRebound(to: sockaddr.self, capacity: 1) { (address) throws(RedisError) in
          try connect(socket, address, socklen_t(MemoryLayout<sockaddr_un>.size), until: deadline)
        }
      }
      return socket
    } catch {
      close(socket)
      throw error
    }
  }

  // MARK: TCP

  private func openTCP(_ host: String, _ port: UInt16) throws(RedisError) -> Int32 {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let failure = getaddrinfo(host, String(port), &hints, &found)
    guard failure == 0 else { throw failed("\(host): \(String(cString: gai_strerror(failure)))") }
    defer { if let found { freeaddrinfo(found) } }

    var candidates: [addrinfo] = []
    var next = found
    while let candidate = next?.pointee {
      candidates.append(candidate)
      next = candidate.ai_next
    }
    var lastError = failed("no address")
    for (index, candidate) in candidates.enumerated() {
      // An address that swallows packets must not use up the time of those behind it.
      let now = MonotonicTime.now
      let share = now + (deadline - now) / (candidates.count - index)
      do throws(RedisError) {
        return try openTCP(candidate, until: share)
      } catch {
        lastError = error
      }
    }
    throw lastError
  }

  private func openTCP(_ candidate: addrinfo, until moment: MonotonicTime) throws(RedisError) -> Int32 {
    let socket = try newSocket(candidate.ai_family)
    do throws(RedisError) {
      try connect(socket, candidate.ai_addr, candidate.ai_addrlen, until: moment)
    } catch {
      close(socket)
      throw error
    }
    Self.watchPeer(of: socket)
    return socket
  }

  /// Notices a peer that vanished without a word. A silent connection is probed after 15 s, and given up
  /// when probes or data stay without acknowledgement for 10 s. Requests are written whole, so that waiting
  /// to gather more (Nagle) would only add latency.
  private static func watchPeer(of socket: Int32) {
    set(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
    set(socket, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    set(socket, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 15)
    set(socket, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
    set(socket, Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    set(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 10_000)
  }

  /// Failures are not looked at: a connection without one of these options still works.
  private static func set(_ socket: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  // MARK: Both

  private func newSocket(_ family: Int32) throws(RedisError) -> Int32 {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let result = socket(family, kind, 0)
    guard result >= 0 else { throw failed(errorText(errno)) }
    return result
  }

  private func connect(
    _ socket: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t, until moment: MonotonicTime
  ) throws(RedisError) {
    while Glibc.connect(socket, address, length) != 0 {
      switch errno {
      case EISCONN: return
      case EINPROGRESS, EALREADY, EINTR:
        try waitForConnection(socket, until: moment)
        return
      case EAGAIN:
        // A Unix socket whose backlog is full. Nothing can be polled for here: look again shortly.
        guard MonotonicTime.now < moment else { throw timedOut }
        poll(nil, 0, 5)
      case let code: throw failed(errorText(code))
      }
    }
  }

  private func waitForConnection(_ socket: Int32, until moment: MonotonicTime) throws(RedisError) {
    var watched = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
    while poll(&watched, 1, moment.pollTimeout(from: .now)) <= 0 {
      guard MonotonicTime.now < moment else { throw timedOut }
    }
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &size)
    if code != 0 { throw failed(errorText(code)) }
  }

  private var timedOut: RedisError { .connectTimedOut(endpoint: endpoint.description, after: allowed) }

  private func failed(_ reason: String) -> RedisError {
    .connectFailed(endpoint: endpoint.description, reason: reason)
  }
}

/// The system's text for an error number.
func errorText(_ code: Int32) -> String {
  // `strerror` shares one buffer between threads; this variant writes to the caller's.
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
    guard let start = buffer.baseAddress, strerror_r(code, start, buffer.count) == 0 else {
      return "error \(code)"
    }
    return String(cString: start)
  }
}
