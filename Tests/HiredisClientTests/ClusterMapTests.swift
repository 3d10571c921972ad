import Testing

@testable import HiredisClient

/// Slots and the answers of nodes, as text.
@Suite struct ClusterMapTests {
  // From Redis' specification of clusters, and from CLUSTER KEYSLOT of a server.
  @Test(arguments: [
    ("123456789", 0x31C3 % 16_384), ("", 0), ("foo", 12_182), ("{0}", 13_907), ("fl:{0}:in:3", 13_907),
    ("fl:{1}", 9_842), ("fl:topology", 2_874), ("{}x", 10_595), ("foo{}{bar}", 8_363),
    ("foo{{bar}}zap", 4_015),
    ("foo{bar}{zap}", 5_061), ("a{open", 1_858), ("客", 8_216),
  ])
  func aKeyHasTheSlotThatRedisSays(_ key: String, _ slot: Int) {
    #expect(HashSlot(of: key).number == slot)
  }

  @Test func theChecksumIsThatOfTheSpecification() {
    #expect(HashSlot.crc16("123456789".utf8) == 0x31C3)
    #expect(HashSlot(16_383) != nil && HashSlot(16_384) == nil && HashSlot(-1) == nil)
  }

  private static let text = """
    07c3 127.0.0.1:30004@31004,host4 slave e7d1 0 1426238317239 4 connected
    67ed 127.0.0.1:30002@31002,host2,shard-id=x master,fail? - 0 1426238316232 12 connected 5461-10922
    292f 127.0.0.1:30003@31003 master,fail - 0 1426238318243 3 disconnected
    e7d1 :30001@31001 myself,master - 0 0 9 connected 0-5459 5460 10923 12000-16383 [93->-292f] [77-<-e7d1]
    aaaa :0@0 master,noaddr - 0 0 0 disconnected
    bbbb 127.0.0.1:30009@31009 handshake - 0 0 0 connected

    """

  @Test func whatANodeSaysIsUnderstood() throws {
    let map = try #require(ClusterMap(Self.text, from: RedisPlace(host: "::1", port: 30_001)))
    #expect(map.nodes.map(\.id) == ["07c3", "67ed", "292f", "e7d1"])
    #expect(
      map.nodes.map(\.place.description) == ["host4:30004", "host2:30002", "127.0.0.1:30003", "[::1]:30001"])
    #expect(map.nodes.map(\.isPrimary) == [false, true, true, true])
    #expect(map.nodes.map(\.isFailed) == [false, false, true, false])
    #expect(map.nodes.map(\.epoch) == [4, 12, 3, 9])
    #expect(map.myself?.id == "e7d1")
    for (slot, owner) in [(0, "e7d1"), (5_460, "e7d1"), (5_461, "67ed"), (10_923, "e7d1"), (16_383, "e7d1")] {
      #expect(map.owner(of: try #require(HashSlot(slot)))?.id == owner)
    }
    #expect(map.owner(of: try #require(HashSlot(11_000))) == nil)
  }

  @Test(arguments: ["", "\n", "ERR", "a b c d e f g h", "+OK", "id 127.0.0.1:1@2 master - 0 0 x connected"])
  func nonsenseIsNoMap(_ text: String) {
    #expect(ClusterMap(text, from: RedisPlace(host: "h", port: 1)) == nil)
  }

  @Test func aNewerClaimEndsConnectionsForItsSlotAndAnOlderOneDoesNot() throws {
    // Nobody is there: the watch hears only what is told here.
    let endpoint = try RedisDeployment(url: "redis+cluster://127.0.0.1:1").endpoint(of: "k")
    let watch = ClusterWatch.shared(for: endpoint, RedisCluster([RedisPlace(host: "127.0.0.1", port: 1)]))
    let (slot, other) = (HashSlot(of: "k"), HashSlot(of: "l"))
    func claim(_ id: String, _ epoch: Int64) -> ClusterMap.Node {
      var node = ClusterMap.Node(id: id, place: RedisPlace(host: id, port: 1))
      node.epoch = epoch
      return node
    }
    let start = MonotonicTime.now
    #expect(watch.note(claim("old", 3), has: slot, at: start))
    #expect(watch.note(claim("new", 4), has: slot, at: start))
    #expect(!watch.note(claim("old", 3), has: slot, at: start + .seconds(9)))
    #expect(watch.note(claim("old", 3), has: other, at: start))
    #expect(watch.note(claim("new", 4), has: slot, at: start + .seconds(9)))
    #expect(!watch.note(claim("old", 3), has: slot, at: start + .seconds(18)))
    // The cluster has been set up anew.
    #expect(watch.note(claim("old", 3), has: slot, at: start + .seconds(20)))
  }
}
