import Foundation

/// One sentinel that speaks TLS and wants a password, on watch over one server with TLS.
public final class TLSSentinel: Sendable {
  /// The port that speaks TLS.
  public let port: UInt16
  private let process: ChildProcess
  private let directory: TemporaryDirectory

  /// Starts it; it shows the same certificate as the server.
  public init(over tls: TLSServer, _ pair: TestCertificates.Pair, authority: String, password: String) throws
  {
    directory = try TemporaryDirectory()
    port = try freePort()
    let text = """
      port 0
      tls-port \(port)
      bind 127.0.0.1
      dir \(directory.path)
      tls-cert-file \(pair.certificate)
      tls-key-file \(pair.key)
      tls-ca-cert-file \(authority)
      tls-auth-clients no
      tls-replication yes
      requirepass \(password)
      sentinel monitor \(SentinelSet.name) 127.0.0.1 \(tls.port) 1

      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: directory.path("sentinel.conf")))
    process = try ChildProcess(
      "redis-server", [directory.path("sentinel.conf"), "--sentinel"], doomed: directory.path)
  }

  deinit { process.kill() }
}
