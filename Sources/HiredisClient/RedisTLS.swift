/// Whom a TLS connection trusts, and as whom it comes.
///
/// The files are read with every connect, so that a renewed certificate is in force without a restart.
public struct RedisTLS: Sendable, Hashable {
  /// A PEM file with the certificates of the authorities to trust; nil for those of the system.
  public var authorities: String?
  /// A PEM file with the client's certificate (and the chain above it); nil for none.
  public var certificate: String?
  /// A PEM file with the key of that certificate; nil if it is in the same file.
  public var key: String?

  /// The system's authorities and no client certificate, if nothing else is said.
  public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
  }
}

/// Why a TLS connection did not come about, or ended.
public enum RedisTLSFault: Error, Sendable, Hashable {
  /// The server's certificate is for other names than the one that was asked for.
  case wrongName(String)
  /// A certificate in the server's chain is over, or has not begun, by this machine's clock.
  case expired, notYetValid
  /// No trusted authority stands behind the server's certificate; OpenSSL's words.
  case unknownAuthority(String)
  /// The certificate is refused for another reason; OpenSSL's words.
  case untrusted(String)
  /// The server asks for a client certificate and got none.
  case certificateMissing
  /// The server refused this client or its certificate; OpenSSL's words.
  case refused(String)
  /// What answers does not speak TLS.
  case notTLS
  /// The connection was accepted, but nothing answered the TLS greeting for so long.
  case silent(after: Duration)
  /// A file cannot be used.
  case file(String, reason: String)
  /// Anything else, in OpenSSL's words.
  case other(String)
}

extension RedisTLSFault {
  /// Whether the same connect fails again later.
  var isLasting: Bool {
    if case .silent = self { false } else { true }
  }
}

extension RedisTLSFault: CustomStringConvertible {
  /// What is wrong and what to do about it.
  public var description: String {
    switch self {
    case .wrongName(let host):
      "the server's certificate is not for “\(host)”. Use the name that it is for, or give the server one with this name"
    case .expired:
      "the server's certificate has expired. Renew it, or set this machine's clock if that is wrong"
    case .notYetValid:
      "the server's certificate is not valid yet. Set the clocks of this machine and of the one that made it"
    case .unknownAuthority(let words):
      "no trusted authority stands behind the server's certificate (\(words)). "
        + "If the authority is your own, name its file: --tls-ca FILE or FENLIU_TLS_CA"
    case .untrusted(let words): "the server's certificate is refused: \(words). Give the server a valid one"
    case .certificateMissing:
      "the server wants a client certificate. Name the files: --tls-cert and --tls-key, or FENLIU_TLS_CERT and "
        + "FENLIU_TLS_KEY"
    case .refused(let words):
      "the server refused: \(words). Look at the client certificate (--tls-cert) and at the server's settings and log"
    case .notTLS: "what answers there does not speak TLS. Use the port of tls-port, or redis:// without TLS"
    case .silent(let time):
      "nothing answered the TLS greeting within \(time). Either the server hangs, or that port does not speak TLS "
        + "(then the address begins with redis://)"
    case .file(let path, let reason): "\(path): \(reason)"
    case .other(let words): "\(words). The server's log may say more"
    }
  }
}
