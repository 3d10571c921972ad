/// The grammar of the URLs that name a Redis server.
enum RedisURL {
  /// The longest path of a Unix socket, in bytes: `sun_path` has 108 with the closing zero.
  static let longestSocketPath = 107

  static func parse(_ url: String, tls: RedisTLS) throws(RedisURLError) -> RedisEndpoint {
    guard let mark = url.firstRange(of: "://") else { throw .unknownScheme }
    let rest = url[mark.upperBound...]
    switch url[..<mark.lowerBound].lowercased() {
    case "redis": return try tcp(rest, tls: nil)
    case "rediss": return try tcp(rest, tls: tls)
    case "unix", "redis+unix": return try unix(rest)
    case "redis+sentinel": return try sentinel(rest, tls: nil)
    case "rediss+sentinel": return try sentinel(rest, tls: tls)
    case "redis+cluster": return try cluster(rest, tls: nil)
    case "rediss+cluster": return try cluster(rest, tls: tls)
    default: throw .unknownScheme
    }
  }

  private static func tcp(_ rest: Substring, tls: RedisTLS?) throws(RedisURLError) -> RedisEndpoint {
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let (login, place) = splitLogin(rest[..<slash])
    let (user, password) = try credentials(login)
    let (host, port) = try hostAndPort(
      place, standardPort: 6379, passwordFollows: rest[slash...].contains("@"))
    return RedisEndpoint(
      .tcp(host: host, port: port), user: user, password: password,
      database: try database(rest[slash...].dropFirst()), tls: tls)
  }

  private static func unix(_ rest: Substring) throws(RedisURLError) -> RedisEndpoint {
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let (login, place) = splitLogin(rest[..<slash])
    let path = try decoded(rest[slash...], part: "socket path")
    guard place.isEmpty, path.utf8.count > 1 else {
      throw .malformed(
        part: "socket path", expected: "an absolute path after three slashes, unix:///run/redis.sock")
    }
    guard path.utf8.count <= longestSocketPath else {
      throw .malformed(part: "socket path", expected: "at most \(longestSocketPath) bytes")
    }
    let (user, password) = try credentials(login)
    return RedisEndpoint(.unix(path: path), user: user, password: password)
  }

  /// `[user:password@]host[:port],host[:port]`: a cluster has one database, and so nothing behind a slash.
  private static func cluster(_ rest: Substring, tls: RedisTLS?) throws(RedisURLError) -> RedisEndpoint {
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let (login, list) = splitLogin(rest[..<slash])
    let (user, password) = try credentials(login)
    let path = rest[slash...].dropFirst()
    guard path.isEmpty || path == "0" else {
      throw .malformed(part: "database", expected: "none, or 0: a cluster has no other")
    }
    var seeds: [RedisPlace] = []
    for text in list.split(separator: ",", omittingEmptySubsequences: false) {
      let (host, port) = try hostAndPort(
        text, standardPort: RedisCluster.standardPort, passwordFollows: path.contains("@"))
      seeds.append(RedisPlace(host: host, port: port))
    }
    return RedisEndpoint(.cluster(RedisCluster(seeds), key: ""), user: user, password: password, tls: tls)
  }

  /// What stands before the last `@`, if there is one, and what stands behind it.
  static func splitLogin(_ authority: Substring) -> (login: Substring?, place: Substring) {
    guard let at = authority.lastIndex(of: "@") else { return (nil, authority) }
    return (authority[..<at], authority[authority.index(after: at)...])
  }

  static func credentials(_ login: Substring?) throws(RedisURLError) -> (String?, String?) {
    guard let login else { return (nil, nil) }
    let colon = login.firstIndex(of: ":")
    let user = try decoded(login[..<(colon ?? login.endIndex)], part: "user")
    guard let colon else {
      throw .malformed(part: "login", expected: "user:password@ or :password@")
    }
    let password = try decoded(login[login.index(after: colon)...], part: "password")
    guard !password.isEmpty else { throw .malformed(part: "password", expected: "text between ':' and '@'") }
    return (user.isEmpty ? nil : user, password)
  }

  static func hostAndPort(
    _ place: Substring, standardPort: UInt16, passwordFollows: Bool
  ) throws(RedisURLError) -> (host: String, port: UInt16) {
    var place = place
    var host: Substring
    if place.hasPrefix("[") {
      guard let end = place.firstIndex(of: "]") else {
        throw .malformed(part: "host", expected: "']' after a numeric IPv6 address, as in [::1]")
      }
      host = place[place.index(after: place.startIndex)..<end]
      place = place[place.index(after: end)...]
      guard place.isEmpty || place.hasPrefix(":") else {
        throw .malformed(part: "host", expected: "':' and a port after ']'")
      }
    } else {
      host = place[..<(place.firstIndex(of: ":") ?? place.endIndex)]
      place = place[host.endIndex...]
    }
    guard !host.isEmpty else { throw .malformed(part: "host", expected: "a name or numeric address") }
    guard !place.isEmpty else { return (String(host), standardPort) }
    let digits = place.dropFirst()
    guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits), port > 0 else {
      throw .malformed(
        part: "port",
        expected: passwordFollows
          ? "a number from 1 to 65535 (a '/' in a password is written %2F)" : "a number from 1 to 65535")
    }
    return (String(host), port)
  }

  static func database(_ path: Substring) throws(RedisURLError) -> Int {
    guard !path.isEmpty else { return 0 }
    guard path.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(path) else {
      throw .malformed(part: "database", expected: "a number after the last '/'")
    }
    return number
  }

  /// Replaces `%41` and the like by the bytes they name.
  static func decoded(_ text: Substring, part: String) throws(RedisURLError) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexadecimal),
        let low = rest.popFirst().flatMap(hexadecimal)
      else {
        throw .malformed(
          part: part, expected: "two hexadecimal digits after '%' (a '%' itself is written %25)")
      }
      bytes.append(high << 4 | low)
    }
    guard let result = String(validating: bytes, as: UTF8.self) else {
      throw .malformed(part: part, expected: "UTF-8 behind its percent signs")
    }
    return result
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
