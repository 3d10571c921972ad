internal import COpenSSL
import Glibc

/// OpenSSL's settings for connections of one kind: its memory, made from the files of ``RedisTLS``.
final class TLSContext {
  /// OpenSSL's structure; valid as long as this object.
  let raw: OpaquePointer

  init(_ settings: RedisTLS) throws(RedisTLSFault) {
    ERR_clear_error()
    guard let raw = SSL_CTX_new(TLS_client_method()) else { throw TLSWords.last() }
    // From here on `deinit` frees it, whatever is thrown.
    self.raw = raw
    guard fenliu_tls_configure(raw) == 1 else { throw TLSWords.last() }
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
    try trust(settings.authorities)
    if let certificate = settings.certificate { try present(certificate, key: settings.key ?? certificate) }
  }

  deinit { SSL_CTX_free(raw) }

  private func trust(_ authorities: String?) throws(RedisTLSFault) {
    if let authorities {
      try Self.checkReadable(authorities)
      guard SSL_CTX_load_verify_locations(raw, authorities, nil) == 1 else {
        throw .file(authorities, reason: "is no PEM file with the certificates of authorities")
      }
    } else if SSL_CTX_set_default_verify_paths(raw) != 1 {
      throw .other("the system's authorities cannot be read")
    }
  }

  private func present(_ certificate: String, key: String) throws(RedisTLSFault) {
    try Self.checkReadable(certificate)
    guard SSL_CTX_use_certificate_chain_file(raw, certificate) == 1 else {
      throw .file(certificate, reason: "is no PEM file with a certificate")
    }
    try Self.checkReadable(key)
    // A password would be asked for on the terminal, in the middle of a worker's log.
    SSL_CTX_set_default_passwd_cb(raw) { _, _, _, _ in 0 }
    guard SSL_CTX_use_PrivateKey_file(raw, key, SSL_FILETYPE_PEM) == 1 else {
      throw .file(
        key, reason: "is no PEM file with the key of \(certificate); keys with a password cannot be used")
    }
  }

  private static func checkReadable(_ path: String) throws(RedisTLSFault) {
    guard access(path, R_OK) == 0 else { throw .file(path, reason: errorText(errno)) }
  }
}

/// OpenSSL's own words for what went wrong last on this thread.
enum TLSWords {
  /// What went wrong last; clears the list of errors.
  static func last() -> RedisTLSFault { fault(ERR_get_error()) }

  /// The fault behind an error code.
  static func fault(_ code: UInt) -> RedisTLSFault {
    ERR_clear_error()
    guard fenliu_tls_error_library(code) == ERR_LIB_SSL else { return .other(words(code)) }
    switch fenliu_tls_error_reason(code) {
    case SSL_R_WRONG_VERSION_NUMBER, SSL_R_PACKET_LENGTH_TOO_LONG, SSL_R_HTTP_REQUEST: return .notTLS
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED: return .certificateMissing
    case let reason where reason > SSL_AD_REASON_OFFSET: return .refused(words(code))
    default: return .other(words(code))
    }
  }

  /// The words of an error code, without the code and the names of OpenSSL's files.
  static func words(_ code: UInt) -> String {
    guard code != 0, let text = ERR_reason_error_string(code) else { return "TLS failed" }
    return String(cString: text)
  }
}
