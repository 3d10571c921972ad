/// The sentinels that know which server is the primary of a replicated set, and the name that they know the set by.
public struct RedisSentinels: Sendable, Hashable {
  /// Where one of them is.
  public typealias Place = RedisPlace

  /// The port of a sentinel for which none is given.
  public static let standardPort: UInt16 = 26379

  /// The sentinels, in the order in which they are asked at first.
  public let places: [Place]
  /// What `sentinel monitor` calls the set.
  public let primary: String
  /// The user to log in as at the sentinels, which know other users than the servers; nil for the default one.
  public let user: String?
  let password: String?

  /// Sentinels from their parts.
  public init(_ places: [Place], primary: String, user: String? = nil, password: String? = nil) {
    self.places = places
    self.primary = primary
    self.user = user
    self.password = password
  }
}

extension RedisSentinels: CustomStringConvertible, CustomReflectable {
  /// `host:port,host:port/name`; never the password.
  public var description: String { places.map(\.description).joined(separator: ",") + "/" + primary }

  /// What `dump` shows: the description and nothing below it.
  public var customMirror: Mirror { Mirror(self, children: ["sentinels": description]) }
}

extension RedisEndpoint {
  /// Whether sentinels are asked for the server with every connect.
  public var hasSentinels: Bool {
    if case .sentinel = address { true } else { false }
  }

  /// The server at a place that the sentinels named; login, database and TLS are the same.
  func server(at place: RedisSentinels.Place) -> RedisEndpoint {
    RedisEndpoint(
      .tcp(host: place.host, port: place.port), user: user, password: password, database: database, tls: tls)
  }
}
