import ArgumentParser
import Foundation
import HiredisClient

/// Whom a TLS connection trusts, and as whom it comes.
struct TLSOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "With rediss://: the certificates of the authorities to trust, a PEM file.",
      discussion: "Default: the environment's FENLIU_TLS_CA, else those of the system.", valueName: "file"))
  var tlsCa: String?

  @Option(
    help: ArgumentHelp(
      "With rediss://: this client's certificate, a PEM file.",
      discussion: "Default: the environment's FENLIU_TLS_CERT, else none.", valueName: "file"))
  var tlsCert: String?

  @Option(
    help: ArgumentHelp(
      "With rediss://: the key of that certificate, a PEM file.",
      discussion: "Default: the environment's FENLIU_TLS_KEY, else the file of the certificate.",
      valueName: "file"))
  var tlsKey: String?

  /// The server that `url` names; a wrong address is wrong usage, and so are files for a connection without TLS.
  func endpoint(_ url: String) throws -> RedisEndpoint {
    let endpoint: RedisEndpoint
    do {
      endpoint = try RedisEndpoint(url: url, tls: settings)
    } catch {
      throw ValidationError("\(error)")
    }
    if endpoint.tls == nil, let file = tlsCa ?? tlsCert ?? tlsKey {
      throw ValidationError(
        "\(file) is for TLS, and the address is one without: write rediss:// or leave it out")
    }
    if endpoint.tls?.key != nil, endpoint.tls?.certificate == nil {
      throw ValidationError("--tls-key needs --tls-cert, the certificate that the key is for")
    }
    return endpoint
  }

  private var settings: RedisTLS {
    let environment = ProcessInfo.processInfo.environment
    return RedisTLS(
      authorities: tlsCa ?? environment["FENLIU_TLS_CA"],
      certificate: tlsCert ?? environment["FENLIU_TLS_CERT"], key: tlsKey ?? environment["FENLIU_TLS_KEY"])
  }
}
