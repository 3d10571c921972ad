extension RedisURL {
  /// `[user:password@]host[:port],host[:port]/name[?database=N&sentinel-user=U&sentinel-password=P]`
  static func sentinel(_ rest: Substring, tls: RedisTLS?) throws(RedisURLError) -> RedisEndpoint {
    let mark = rest.firstIndex(of: "?") ?? rest.endIndex
    let slash = rest[..<mark].firstIndex(of: "/") ?? mark
    let (login, list) = splitLogin(rest[..<slash])
    let (user, password) = try credentials(login)
    let name = try decoded(rest[slash..<mark].dropFirst(), part: "primary's name")
    guard !name.isEmpty, !rest[slash..<mark].dropFirst().contains("/") else {
      throw .malformed(
        part: "primary's name",
        expected: "what `sentinel monitor` calls it, as in redis+sentinel://host:26379/mymaster")
    }
    var places: [RedisSentinels.Place] = []
    for text in list.split(separator: ",", omittingEmptySubsequences: false) {
      let (host, port) = try hostAndPort(
        text, standardPort: RedisSentinels.standardPort, passwordFollows: rest[slash...].contains("@"))
      places.append(RedisSentinels.Place(host: host, port: port))
    }
    let details = try details(rest[mark...].dropFirst())
    return RedisEndpoint(
      .sentinel(
        RedisSentinels(
          places, primary: name, user: details["sentinel-user"], password: details["sentinel-password"])),
      user: user, password: password, database: try database((details["database"] ?? "")[...]), tls: tls)
  }

  private static func details(_ query: Substring) throws(RedisURLError) -> [String: String] {
    var found: [String: String] = [:]
    for pair in query.split(separator: "&") {
      let name = String(pair.prefix { $0 != "=" })
      guard ["database", "sentinel-user", "sentinel-password"].contains(name), pair.contains("=") else {
        throw .malformed(part: "query", expected: "database=N, sentinel-user=… or sentinel-password=…")
      }
      found[name] = try decoded(pair.dropFirst(name.count + 1), part: name)
    }
    return found
  }
}
