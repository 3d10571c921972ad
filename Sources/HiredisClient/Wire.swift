internal import CHiredis
import Glibc

/// One open socket with hiredis' buffers and parser on it: bytes out, replies in, under deadlines.
///
/// hiredis' own blocking calls know only a timeout per system call, and write everything before they read
/// anything, so that a large pipeline and its replies would wait for each other for ever. Here its context is
/// non-blocking and driven around `poll` in both directions. After any error the wire must be thrown away:
/// replies can no longer be matched to commands.
final class Wire {
  /// How much is handed to hiredis at a time. It moves what is left to the front of its buffer after every
  /// write, which for a 100 MB pipeline in one piece would be quadratic.
  private static let chunk = 128 * 1024
  /// How much unused memory the parser may keep between replies, in bytes: some batches of events.
  private static let keptBuffer = 1024 * 1024

  private let context: UnsafeMutablePointer<redisContext>
  /// What encrypts, if anything does; then hiredis only parses.
  private var tls: TLSSession?
  /// What ends the connection from outside when another server has taken over, if one can.
  private var guarded: GuardedSocket?
  /// How many replies are still to come to what the last exchange left.
  private(set) var left = 0

  /// Takes over a connected, non-blocking socket, with TLS on it or not; it is closed with the wire, and also
  /// if this fails.
  init(socket: Int32, tls: TLSSession? = nil, guarded: GuardedSocket? = nil) throws(RedisError) {
    Self.ignoreBrokenPipes
    guard let context = redisConnectFd(socket) else {
      close(socket)
      throw .io("no memory for a connection")
    }
    // A hiredis with another layout of its structures would be read at the wrong places from here on.
    guard context.pointee.fd == socket, let reader = context.pointee.reader,
      reader.pointee.maxbuf == Int(REDIS_READER_MAX_BUF)
    else {
      close(socket)
      throw .libraryMismatch("built for \(HIREDIS_MAJOR).\(HIREDIS_MINOR).\(HIREDIS_PATCH)")
    }
    context.pointee.flags &= ~REDIS_BLOCK
    reader.pointee.maxbuf = Self.keptBuffer
    self.context = context
    self.tls = tls
    self.guarded = guarded
  }

  deinit {
    // Both need the socket, which hiredis closes.
    tls = nil
    guarded = nil
    redisFree(context)
  }

  /// hiredis and OpenSSL write with `write(2)`, so that a closed connection would end the program by SIGPIPE. A
  /// handler that somebody has set is left alone.
  static let ignoreBrokenPipes: Void = {
    var current = sigaction()
    sigaction(SIGPIPE, nil, &current)
    if current.__sigaction_handler.sa_handler == nil { signal(SIGPIPE, SIG_IGN) }
  }()

  /// Sends `bytes`, which hold `count` commands and `leaving` more, and hands the replies to the former to `receive`, in
  /// order. Those to the latter are for the next exchange, which sends nothing and has them as its `count`.
  ///
  /// - Parameters:
  ///   - allowed: how long until the last reply, as told in the error.
  ///   - idle: how long nothing may move in either direction; nil for as long as `allowed`.
  func exchange(
    _ bytes: [UInt8], count: Int, leaving: Int = 0, within allowed: Duration, idle: Duration?,
    receive: (Int, borrowing RedisReply) -> Void
  ) throws(RedisError) {
    var now = MonotonicTime.now
    let deadline = now + allowed
    var lastMove = now
    var handedOver = 0
    // What was left may have come together with what was not.
    var received = left > 0 ? try drain(from: 0, to: count, receive) : 0
    var peerTakesMore = true
    var isWriting: Bool { peerTakesMore && (handedOver < bytes.count || fenliu_unsent(context) > 0) }
    // The usual small pipeline is written at once, without asking `poll` whether it may be.
    var events = Int16(POLLOUT)
    // All has been sent when all replies are there, unless some are left.
    var isDone: Bool { received == count && (leaving == 0 || !isWriting) }
    while !isDone {
      var moved = false
      if events & Int16(POLLOUT) != 0, peerTakesMore {
        do throws(RedisError) {
          moved = try write(bytes, from: &handedOver)
        } catch .closedByServer {
          // The server may have said why before it closed, as when it has too many clients. Read that; the
          // end of what there is to read then ends the wait.
          context.pointee.err = 0
          peerTakesMore = false
        }
      }
      if events & ~Int16(POLLOUT) != 0 {
        moved = true
        try read()
        received = try drain(from: received, to: count, receive)
      }
      if isDone { break }
      now = .now
      if moved { lastMove = now }
      guard now < deadline else { throw .commandTimedOut(after: allowed) }
      let silenceEnds = idle.map { lastMove + $0 } ?? deadline
      guard now < silenceEnds else { throw .idleTimedOut(after: idle ?? allowed) }
      events = try wait(writing: isWriting, until: min(deadline, silenceEnds), from: now)
    }
    left = leaving
    guard leaving == 0 else { return }
    // Whatever has come besides would be taken for the answer to the next command.
    guard let reader = context.pointee.reader, reader.pointee.len == reader.pointee.pos else {
      throw .protocolError("a reply more than there were commands")
    }
  }

  /// Waits until the socket can be read (or written); what can be done, or 0 when the time is up.
  private func wait(
    writing: Bool, until moment: MonotonicTime, from now: MonotonicTime
  ) throws(RedisError) -> Int16 {
    let wanted = Int16(POLLIN) | (writing ? Int16(POLLOUT) : 0)
    var watched = pollfd(fd: context.pointee.fd, events: wanted, revents: 0)
    let ready = poll(&watched, 1, moment.pollTimeout(from: now))
    if ready < 0 {
      let code = errno
      guard code == EINTR else { throw .io(errorText(code)) }
      return 0
    }
    return watched.revents
  }

  /// Writes as much as the socket takes; whether that was anything.
  private func write(_ bytes: [UInt8], from handedOver: inout Int) throws(RedisError) -> Bool {
    if let tls { return try tls.write(bytes, from: &handedOver) }
    var moved = false
    while true {
      if fenliu_unsent(context) == 0 {
        guard handedOver < bytes.count else { return moved }
        try append(bytes, from: &handedOver)
      }
      let before = fenliu_unsent(context)
      guard redisBufferWrite(context, nil) == REDIS_OK else { throw failure(errno) }
      let after = fenliu_unsent(context)
      if after < before { moved = true }
      if after > 0 { return moved }
    }
  }

  private func append(_ bytes: [UInt8], from handedOver: inout Int) throws(RedisError) {
    let length = min(Self.chunk, bytes.count - handedOver)
    let start = handedOver
    let status = bytes.withUnsafeBytes { all in
      guard let base = all.baseAddress else { return REDIS_OK }
      return redisAppendFormattedCommand(
        context, base.advanced(by: start).assumingMemoryBound(to: CChar.self), length)
    }
    guard status == REDIS_OK else { throw .io("no memory for \(length) bytes to send") }
    handedOver += length
  }

  private func read() throws(RedisError) {
    if let tls {
      _ = try tls.read { (bytes) throws(RedisError) in
        let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard redisReaderFeed(context.pointee.reader, text, bytes.count) == REDIS_OK else {
          throw .io("no memory for a reply")
        }
      }
      return
    }
    guard redisBufferRead(context) == REDIS_OK else { throw failure(errno) }
  }

  /// Hands over the replies that have arrived completely.
  private func drain(
    from received: Int, to count: Int, _ receive: (Int, borrowing RedisReply) -> Void
  ) throws(RedisError) -> Int {
    var received = received
    while received < count {
      var reply: UnsafeMutableRawPointer?
      guard redisGetReplyFromReader(context, &reply) == REDIS_OK else { throw failure(errno) }
      guard let reply else { break }
      defer { freeReplyObject(reply) }
      receive(received, RedisReply(UnsafePointer(reply.assumingMemoryBound(to: redisReply.self))))
      received += 1
    }
    return received
  }

  /// What hiredis has noted down as its error; `code` is `errno` right after the call that failed.
  private func failure(_ code: Int32) -> RedisError {
    let text = withUnsafeBytes(of: context.pointee.errstr) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    switch context.pointee.err {
    case REDIS_ERR_EOF: return .closedByServer
    case REDIS_ERR_IO where [EPIPE, ECONNRESET].contains(code): return .closedByServer
    case REDIS_ERR_PROTOCOL: return .protocolError(text)
    default: return .io(text.isEmpty ? errorText(code) : text)
    }
  }
}
