internal import COpenSSL
import Glibc

/// TLS over one connected, non-blocking socket: greets, checks whom it talks to, then encrypts and decrypts.
///
/// OpenSSL works directly on the socket, on the connection's own thread, so that deadlines, closing and large
/// pipelines are those of ``Wire``. It does not own the socket.
final class TLSSession {
  /// The most that one record holds, in bytes. A read of this size leaves nothing behind in OpenSSL's own
  /// memory, where `poll` could not see it.
  private static let record = 16 * 1024

  private let context: TLSContext
  private let ssl: OpaquePointer
  private let socket: Int32
  private let endpoint: String
  /// Where decrypted bytes lie until the next read.
  private let buffer: UnsafeMutableRawBufferPointer

  /// Greets the server called `host` and checks its certificate.
  ///
  /// - Throws: ``RedisError/tlsFailed(endpoint:_:)``, or `closedByServer` and `io` as a plain connection would.
  init(
    _ socket: Int32, host: String, settings: RedisTLS, endpoint: String, until deadline: MonotonicTime,
    allowed: Duration
  ) throws(RedisError) {
    Wire.ignoreBrokenPipes
    do throws(RedisTLSFault) {
      let context = try TLSContext(settings)
      guard let ssl = SSL_new(context.raw) else { throw TLSWords.last() }
      self.context = context
      self.ssl = ssl
    } catch {
      throw .tlsFailed(endpoint: endpoint, error)
    }
    self.socket = socket
    self.endpoint = endpoint
    buffer = .allocate(byteCount: Self.record, alignment: 16)
    try expect(host)
    try greet(host, until: deadline, allowed: allowed)
  }

  deinit {
    // A goodbye if the socket takes it at once; nobody waits for an answer.
    SSL_shutdown(ssl)
    SSL_free(ssl)
    buffer.deallocate()
    ERR_clear_error()
  }

  // MARK: Greeting

  /// Sets what the certificate must be for.
  private func expect(_ host: String) throws(RedisError) {
    var address = in6_addr()
    let isNumeric = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    let status =
      if isNumeric {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host)
      } else {
        SSL_set1_host(ssl, host) & fenliu_tls_name(ssl, host)
      }
    guard status == 1, SSL_set_fd(ssl, socket) == 1 else { throw failed(TLSWords.last()) }
  }

  private func greet(
    _ host: String, until deadline: MonotonicTime, allowed: Duration
  ) throws(RedisError) {
    while true {
      ERR_clear_error()
      let status = SSL_connect(ssl)
      let code = errno
      if status == 1 { return }
      let events: Int32
      switch SSL_get_error(ssl, status) {
      case SSL_ERROR_WANT_READ: events = Int32(POLLIN)
      case SSL_ERROR_WANT_WRITE: events = Int32(POLLOUT)
      case let kind: throw failure(kind, code, host: host)
      }
      var watched = pollfd(fd: socket, events: Int16(events), revents: 0)
      while poll(&watched, 1, deadline.pollTimeout(from: .now)) <= 0 {
        guard MonotonicTime.now < deadline else { throw failed(.silent(after: allowed)) }
      }
    }
  }

  // MARK: Bytes

  /// Lends what has arrived, decrypted, to `take`; false if nothing is there yet.
  func read(_ take: (UnsafeRawBufferPointer) throws(RedisError) -> Void) throws(RedisError) -> Bool {
    ERR_clear_error()
    let count = SSL_read(ssl, buffer.baseAddress, Int32(buffer.count))
    guard count <= 0 else {
      try take(UnsafeRawBufferPointer(rebasing: buffer[..<Int(count)]))
      return true
    }
    try checkWait(count)
    return false
  }

  /// Encrypts and sends as much as the socket takes; whether that was anything.
  func write(_ bytes: [UInt8], from handedOver: inout Int) throws(RedisError) -> Bool {
    let start = handedOver
    while handedOver < bytes.count {
      ERR_clear_error()
      let (ssl, position) = (ssl, handedOver)
      let status = bytes.withUnsafeBytes { all in
        let length = min(Self.record, all.count - position)
        return SSL_write(ssl, all.baseAddress?.advanced(by: position), Int32(length))
      }
      guard status > 0 else {
        try checkWait(status)
        break
      }
      handedOver += Int(status)
    }
    return handedOver > start
  }

  /// Throws unless the call has only to be repeated later.
  private func checkWait(_ status: Int32) throws(RedisError) {
    let code = errno
    switch SSL_get_error(ssl, status) {
    case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
    case let kind: throw failure(kind, code, host: nil)
    }
  }

  // MARK: Failures

  /// The error behind OpenSSL's `kind`; with a host while greeting, where its certificate may be the reason.
  private func failure(_ kind: Int32, _ code: Int32, host: String?) -> RedisError {
    let verified = SSL_get_verify_result(ssl)
    if let host, verified != Int(X509_V_OK) { return failed(Self.refusal(verified, host)) }
    switch kind {
    case SSL_ERROR_ZERO_RETURN: return .closedByServer
    case SSL_ERROR_SYSCALL where [0, EPIPE, ECONNRESET].contains(code): return .closedByServer
    case SSL_ERROR_SYSCALL: return .io(errorText(code))
    default: return failed(TLSWords.last())
    }
  }

  private func failed(_ fault: RedisTLSFault) -> RedisError { .tlsFailed(endpoint: endpoint, fault) }

  private static func refusal(_ result: Int, _ host: String) -> RedisTLSFault {
    let words = String(cString: X509_verify_cert_error_string(result))
    return switch Int32(result) {
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .wrongName(host)
    case X509_V_ERR_CERT_HAS_EXPIRED: .expired
    case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
      X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      .unknownAuthority(words)
    default: .untrusted(words)
    }
  }
}
