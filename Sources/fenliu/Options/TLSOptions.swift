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

  /// What `url` names; a wrong address is wrong usage, and so are files for a connection without TLS.
  func deployment(_ url: String) throws -> RedisDeployment {
    let deployment: RedisDeployment
    do {
      deployment = try RedisDeployment(url: url, tls: settings)
    } catch {
      throw ValidationError("\(error)")
    }
    if deployment.tls == nil, let file = tlsCa ?? tlsCert ?? tlsKey {
      throw ValidationError(
        "\(file) is for TLS, and the address is one without: write rediss:// or leave it out")
    }
    if deployment.tls?.key != nil, deployment.tls?.certificate == nil {
      throw ValidationError("--tls-key needs --tls-cert, the certificate that the key is for")
    }
    return deployment
  }

  private var settings: RedisTLS {
    let environment = ProcessInfo.processInfo.environment
    return RedisTLS(
      authorities: tlsCa ?? environment["FENLIU_TLS_CA"],
      certificate: tlsCert ?? environment["FENLIU_TLS_CERT"], key: tlsKey ?? environment["FENLIU_TLS_KEY"])
  }
}
