import Foundation
public import HiredisClient

/// A private certificate authority, made anew by the `openssl` program, with what it has signed.
public final class TestCertificates: Sendable {
  /// A certificate and its key, as PEM files that last as long as this value.
  public struct Pair: Sendable {
    /// The file of the certificate.
    public let certificate: String
    /// The file of its key.
    public let key: String
    private let files: TemporaryDirectory

    fileprivate init(_ name: String, in files: TemporaryDirectory) {
      certificate = files.path(name + ".pem")
      key = files.path(name + ".key")
      self.files = files
    }
  }

  /// Whether there is a program to make certificates with; without it tests that need some are skipped.
  public static let canBeMade: Bool = {
    let paths = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return paths.split(separator: ":").contains { access("\($0)/openssl", X_OK) == 0 }
  }()

  /// The authority's own certificate, as a PEM file.
  public let authority: String
  private let files: TemporaryDirectory

  /// Makes the authority.
  public init() async throws {
    files = try TemporaryDirectory()
    authority = files.path("authority.pem")
    try await openssl(
      Self.newKey("req", "-x509") + ["-keyout", files.path("authority.key"), "-out", authority]
        + ["-days", "30", "-subj", "/CN=an authority of tests"])
  }

  /// A certificate for these names, such as `DNS:localhost` or `IP:127.0.0.1`.
  ///
  /// - Parameter days: how long it is valid; -1 for one that has expired.
  public func make(_ name: String, for names: [String], days: Int = 30) async throws -> Pair {
    let pair = Pair(name, in: files)
    let request = files.path(name + ".csr")
    let extensions = files.path(name + ".ext")
    try Data("subjectAltName=\(names.joined(separator: ","))\n".utf8)
      .write(to: URL(fileURLWithPath: extensions))
    try await openssl(Self.newKey("req") + ["-keyout", pair.key, "-out", request, "-subj", "/CN=\(name)"])
    try await openssl(
      ["x509", "-req", "-in", request, "-CA", authority, "-CAkey", files.path("authority.key")]
        + ["-days", String(days), "-extfile", extensions, "-out", pair.certificate])
    return pair
  }

  /// A certificate for this machine under the names by which tests call it.
  public func forThisMachine() async throws -> Pair {
    try await make("here", for: ["DNS:localhost", "IP:127.0.0.1"])
  }

  private static func newKey(_ command: String...) -> [String] {
    command + ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
  }

  private func openssl(_ arguments: [String]) async throws {
    let child = try ChildProcess("openssl", arguments)
    guard try await child.wait() == .exited(0) else {
      throw SystemFailure("openssl \(arguments[0]): \(child.standardError.last ?? "")", EIO)
    }
  }
}

/// A private `redis-server` that speaks TLS.
public struct TLSServer: Sendable {
  /// The server; its Unix socket speaks no TLS, for looking on.
  public let server: RedisServer
  /// The port that speaks TLS.
  public let port: UInt16
  private let pair: TestCertificates.Pair

  /// Starts one that shows this certificate.
  ///
  /// - Parameters:
  ///   - clients: the authority whose certificates clients must show; nil if they need none.
  ///   - settings: further ones, as in redis.conf.
  public init(
    _ pair: TestCertificates.Pair, clients: String? = nil, settings: [String: String] = [:]
  ) async throws {
    self.pair = pair
    port = try freePort(forNode: settings["cluster-enabled"] != nil)
    let own = [
      "tls-port": String(port), "tls-cert-file": pair.certificate, "tls-key-file": pair.key,
      "tls-ca-cert-file": clients ?? pair.certificate, "tls-auth-clients": clients == nil ? "no" : "yes",
    ]
    server = try await RedisServer.start(.init(settings: own.merging(settings) { $1 }))
  }

  /// Where it is.
  public func endpoint(host: String = "localhost", _ tls: RedisTLS) -> RedisEndpoint {
    RedisEndpoint(.tcp(host: host, port: port), tls: tls)
  }

  /// Its address.
  public var url: String { "rediss://localhost:\(port)" }
}
