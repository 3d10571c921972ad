import ArgumentParser
import Foundation
import HiredisClient
import Routing
import RoutingStore

/// Stores configurations.
struct Apply: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put the configuration of one or more shops in force.",
    discussion: """
      Each file is checked whole before anything changes: one invalid file, and none is applied. Running \
      workers go by the new configuration at once.
      """)

  @OptionGroup var redis: RedisOptions
  @Argument(help: "Configuration files in YAML.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String]

  func run() async throws {
    let shops = try ConfigurationFiles.read(files)
    let connection = try await redis.connect()
    try await Functions.load(on: connection)
    let topology = try await Topology.readOrSet(redis.keys, on: connection)
    for shop in shops {
      let index = Partitioning.shard(of: shop.configuration.shop, shards: topology.shards)
      let outcome = try await Configurations.apply(
        shop.configuration, document: shop.text, shard: redis.keys.shard(index), on: connection)
      switch outcome {
      case .applied(let version):
        print("\(shop.file): shop \(shop.configuration.shop) applied as version \(version)")
      case .unchanged(let version):
        print("\(shop.file): shop \(shop.configuration.shop) is in force already, as version \(version)")
      }
    }
    await connection.close()
  }
}
