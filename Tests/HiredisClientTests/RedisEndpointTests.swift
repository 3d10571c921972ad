import HiredisClient
import Testing

@Suite struct RedisEndpointTests {
  @Test(arguments: [
    ("redis://localhost:6380", RedisEndpoint(.tcp(host: "localhost", port: 6380))),
    ("redis://redis.example", RedisEndpoint(.tcp(host: "redis.example", port: 6379))),
    ("REDIS://h:1/", RedisEndpoint(.tcp(host: "h", port: 1))),
    ("redis://h:1/3", RedisEndpoint(.tcp(host: "h", port: 1), database: 3)),
    ("redis://[::1]:6379", RedisEndpoint(.tcp(host: "::1", port: 6379))),
    ("redis://[fe80::1]", RedisEndpoint(.tcp(host: "fe80::1", port: 6379))),
    ("redis://:secret@h:1", RedisEndpoint(.tcp(host: "h", port: 1), password: "secret")),
    ("redis://u:secret@h:1", RedisEndpoint(.tcp(host: "h", port: 1), user: "u", password: "secret")),
    ("redis://u:p@ss:w@h:1", RedisEndpoint(.tcp(host: "h", port: 1), user: "u", password: "p@ss:w")),
    (
      "redis+sentinel://a:1,[::1]/main",
      RedisEndpoint(
        .sentinel(
          RedisSentinels([.init(host: "a", port: 1), .init(host: "::1", port: 26379)], primary: "main")))
    ),
    (
      "rediss+sentinel://u:p@a/m%2F?database=2&sentinel-user=su&sentinel-password=s%40p",
      RedisEndpoint(
        .sentinel(
          RedisSentinels([.init(host: "a", port: 26379)], primary: "m/", user: "su", password: "s@p")),
        user: "u", password: "p", database: 2, tls: RedisTLS())
    ),
    (
      "redis://u%3A:%25%2F%e5%ae%a2@h",
      RedisEndpoint(.tcp(host: "h", port: 6379), user: "u:", password: "%/客")
    ),
    (
      "rediss://u:p@h:1/2",
      RedisEndpoint(.tcp(host: "h", port: 1), user: "u", password: "p", database: 2, tls: RedisTLS())
    ),
    ("unix:///run/redis.sock", RedisEndpoint(.unix(path: "/run/redis.sock"))),
    ("unix://u:p@/run/a%20b", RedisEndpoint(.unix(path: "/run/a b"), user: "u", password: "p")),
  ])
  func parses(_ url: String, _ expected: RedisEndpoint) throws {
    #expect(try RedisEndpoint(url: url) == expected)
  }

  @Test(arguments: [
    ("", RedisURLError.unknownScheme),
    ("localhost:6379", .unknownScheme),
    ("http://localhost", .unknownScheme),
    ("redis+cluster://a:1,b:2", .manyServers),
  ])
  func refusesSchemes(_ url: String, _ expected: RedisURLError) {
    #expect(throws: expected) { try RedisEndpoint(url: url) }
  }

  @Test func aClusterHasAnEndpointForEachKey() throws {
    let trust = RedisTLS(authorities: "/ca.pem")
    let cluster = try RedisDeployment(url: "rediss+cluster://u:p%40@a:1,[::1],b/", tls: trust)
    let seeds = [("a", 1), ("::1", 6_379), ("b", 6_379)].map { RedisPlace(host: $0, port: UInt16($1)) }
    #expect(
      cluster.endpoint(of: "fl:{3}")
        == RedisEndpoint(
          .cluster(RedisCluster(seeds), key: "fl:{3}"), user: "u", password: "p@", tls: trust))
    #expect(cluster.isCluster)
    #expect(cluster.description == "rediss+cluster://u:***@a:1,[::1]:6379,b:6379")
    #expect(cluster.endpoint(of: "k").description.hasSuffix(",b:6379 (k)"))
    // One server, or one set with sentinels, has all keys.
    for url in ["redis://h:1/2", "unix:///run/redis.sock", "redis+sentinel://a:1/main"] {
      let deployment = try RedisDeployment(url: url)
      #expect(!deployment.isCluster)
      #expect(deployment.endpoint(of: "k") == (try RedisEndpoint(url: url)))
    }
  }

  @Test(arguments: [
    ("redis+cluster://a:1/3", "database"), ("redis+cluster://a,,b", "host"), ("redis+cluster://", "host"),
    ("redis+cluster://u:hunter2/x@a:1", "database"), ("redis+cluster://u@a:1", "login"),
  ])
  func pointsAtTheWrongPartOfACluster(_ url: String, _ part: String) {
    let error = #expect(throws: RedisURLError.self) { try RedisDeployment(url: url) }
    guard case .malformed(part, _) = error else {
      Issue.record("\(String(describing: error)) does not name the \(part)")
      return
    }
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test(arguments: [
    ("redis+sentinel://a", "primary's name"), ("redis+sentinel://a/", "primary's name"),
    ("redis+sentinel://a,,b/m", "host"), ("redis+sentinel://a:x/m", "port"),
    ("redis+sentinel://a/m?x=1", "query"),
    ("redis+sentinel://a/m?database=x", "database"), ("redis+sentinel://a/m/1", "primary's name"),
    ("redis://", "host"), ("redis:///0", "host"), ("redis://:1", "host"), ("redis://[::1", "host"),
    ("redis://[::1]x", "host"), ("redis://h:", "port"), ("redis://h:0", "port"), ("redis://h:65536", "port"),
    ("redis://h:１", "port"), ("redis://h:+1", "port"), ("redis://u:hunter2/x@h:1", "port"),
    ("redis://h/x", "database"), ("redis://h/-1", "database"), ("redis://hunter2@h", "login"),
    ("redis://u:@h", "password"), ("redis://u:%4@h", "password"), ("redis://u:%zz@h", "password"),
    ("redis://u:%ff@h", "password"), ("unix://run/redis.sock", "socket path"), ("unix://", "socket path"),
    ("unix:///", "socket path"), ("unix:///" + String(repeating: "x", count: 107), "socket path"),
  ])
  func pointsAtTheWrongPart(_ url: String, _ part: String) {
    let error = #expect(throws: RedisURLError.self) { try RedisEndpoint(url: url) }
    guard case .malformed(part, _) = error else {
      Issue.record("\(String(describing: error)) does not name the \(part)")
      return
    }
    // Half a password may end up where a port was expected.
    #expect(error?.description.contains("hunter2") == false)
  }

  @Test func neverShowsThePassword() async throws {
    let endpoint = try RedisEndpoint(url: "redis://user:hunter2@[::1]:7/1")
    let connection = RedisConnection(to: endpoint)
    let sentinels = try RedisEndpoint(url: "redis+sentinel://a/m?sentinel-password=hunter2")
    let error = RedisError.connectFailed(endpoint: endpoint.description, reason: "refused")
    var dumped = ""
    dump(endpoint, to: &dumped)
    dump([endpoint as RedisEndpoint?], to: &dumped)
    dump(connection, to: &dumped)
    dump(sentinels, to: &dumped)
    if case .sentinel(let list) = sentinels.address { dump(list, to: &dumped) }
    let texts = [
      endpoint.description, endpoint.debugDescription, String(reflecting: endpoint), "\(endpoint)",
      "\([endpoint])", String(describing: connection), String(reflecting: connection), "\(error)", dumped,
      "\(sentinels)", String(reflecting: sentinels), "\(sentinels.address)",
    ]
    for text in texts { #expect(!text.contains("hunter2")) }
    #expect(endpoint.description == "redis://user:***@[::1]:7/1")
    #expect(endpoint.hasPassword)
  }

  @Test(arguments: [
    "redis://h:1", "redis://h:1/2", "redis://[::1]:1", "unix:///run/redis.sock", "redis://:***@h:1",
    "rediss://h:1/2",
    "redis+sentinel://a:1,[::1]:2/main", "redis+sentinel://u:***@a:1/main?database=3&sentinel-password=***",
  ])
  func describesItselfAsURL(_ url: String) throws {
    #expect(try RedisEndpoint(url: url).description == url)
  }
}
