import Testing

@testable import Routing

@Suite struct ConfigurationZoneTests {
  @Test(arguments: ["UTC", "Asia/Shanghai", "America/Argentina/Buenos_Aires", "Etc/GMT-8", "PRC", "GMT"])
  func isKnown(name: String) {
    #expect(TimeZoneNames.isKnown(name))
  }

  @Test(arguments: [
    "", "GMT+8", "GMT+08:00", "UTC+8", "+08:00", "CST8", "asia/shanghai", "Asia/../Asia/Shanghai",
    "/etc/localtime", "Asia", "Asia/", "北京", "Beijing",
  ]) func isUnknown(name: String) {
    #expect(!TimeZoneNames.isKnown(name))
  }
}
