import Foundation
import HiredisClient
import TestSupport
import Testing

/// The programs over `rediss://`.
@Suite(
  .timeLimit(.minutes(3)),
  .enabled(if: TestCertificates.canBeMade, "the program openssl is missing: apt-get install openssl"))
struct TLSProgramTests {
  @Test func theAuthorityComesFromTheOptionOrTheEnvironment() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(certificates.forThisMachine(), clients: certificates.authority)
    let client = try await certificates.make("client", for: ["DNS:client"])

    let options = try await Program.run(
      "topology", "--redis", tls.url, "--tls-ca", certificates.authority, "--tls-cert", client.certificate,
      "--tls-key", client.key)
    #expect(options.status == 0, "\(options.error)")
    let files = [
      "FENLIU_REDIS": tls.url, "FENLIU_TLS_CA": certificates.authority, "FENLIU_TLS_CERT": client.certificate,
      "FENLIU_TLS_KEY": client.key,
    ]
    let variables = try await Program.run("topology", environment: files)
    #expect(variables.status == 0, "\(variables.error)")

    let stranger = try await Program.run("topology", "--redis", tls.url, "--tls-ca", certificates.authority)
    #expect(stranger.status == 1 && stranger.error.count == 1)
    #expect(stranger.error.first?.contains("--tls-cert") == true)
    let trusting = try await Program.run("topology", "--redis", tls.url)
    #expect(trusting.status == 1 && trusting.error.count == 1)
    #expect(trusting.error.first?.contains("--tls-ca FILE or FENLIU_TLS_CA") == true)
  }

  @Test(arguments: [
    ["--redis", "redis://127.0.0.1:1", "--tls-ca", "ca.pem"],
    ["--redis", "rediss://127.0.0.1:1", "--tls-key", "key.pem"],
  ])
  func filesWithoutAUseAreWrongUsage(_ arguments: [String]) async throws {
    let child = try Program.start(["topology"] + arguments)
    #expect(try await child.wait() == .exited(64))
  }

  @Test func aRouterWorksOverTLS() async throws {
    let certificates = try await TestCertificates()
    defer { withExtendedLifetime(certificates) {} }
    let tls = try await TLSServer(certificates.forThisMachine())
    let environment = ["FENLIU_REDIS": tls.url, "FENLIU_TLS_CA": certificates.authority]
    let router = try Program.start(["route"], environment: environment)
    let pushed = try await Program.run(
      "push", "--as-is", input: "nonsense\n", environment: environment)
    #expect(pushed.status == 0, "\(pushed.error)")
    let redis = try await tls.server.connected()
    try await eventually("the router has read it") {
      try await redis.send("LLEN", "fl:{0}:dead").integer == 1
    }
    router.send(signal: SIGTERM)
    #expect(try await router.wait() == .exited(0))
  }
}
