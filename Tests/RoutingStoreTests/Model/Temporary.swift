import HiredisClient
import Routing

extension GroupConfiguration {
  var capacityIsGiven: Bool { capacity != 10 }
}

extension StoreHarness {
  func foldFacts(on connection: isolated RedisConnection) throws {}
}
