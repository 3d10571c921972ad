/// Where a Redis server is and how to log in there.
///
/// None of its descriptions shows the password, so that it may be logged.
public struct RedisEndpoint: Sendable, Hashable {
  /// How the server is reached.
  public enum Address: Sendable, Hashable {
    /// A host name or numeric address, and a port.
    case tcp(host: String, port: UInt16)
    /// The path of a Unix socket.
    case unix(path: String)
    /// Sentinels, which are asked with every connect where the primary is.
    case sentinel(RedisSentinels)
    /// A cluster, whose nodes are asked with every connect which of them has the key.
    case cluster(RedisCluster, key: String)
  }

  /// How the server is reached.
  public let address: Address
  /// The user to log in as; nil for the default one.
  public let user: String?
  /// The database to select after connecting.
  public let database: Int
  /// Whom TLS trusts, for an address with TLS; nil for one without.
  public let tls: RedisTLS?
  /// Whether a password is set.
  public var hasPassword: Bool { password != nil }
  let password: String?

  /// An endpoint from its parts.
  public init(
    _ address: Address, user: String? = nil, password: String? = nil, database: Int = 0, tls: RedisTLS? = nil
  ) {
    self.address = address
    self.tls = tls
    self.user = user
    self.password = password
    self.database = database
  }

  /// The endpoint that a URL names: `redis://[user:password@]host[:port][/database]` (port 6379 if none is
  /// given), the same with `rediss` for TLS, `unix://[user:password@]/path/to.sock`, or
  /// `redis+sentinel://[user:password@]host[:port],host[:port]/name[?database=N]` (port 26379), where name is what
  /// the sentinels call the primary; the login is for the servers, and `sentinel-user`, `sentinel-password` behind
  /// the `?` are for the sentinels. In user, password and path, `%40` and the like stand for the bytes they name.
  ///
  /// - Parameter tls: whom to trust, for an address with TLS; others leave it aside.
  /// - Throws: ``RedisURLError``; also for `redis+cluster://`, which names no single server: see ``RedisDeployment``.
  public init(url: String, tls: RedisTLS = RedisTLS()) throws(RedisURLError) {
    self = try RedisURL.parse(url, tls: tls)
    if isInCluster { throw .manyServers }
  }

  /// Whether it is a node of a cluster, to be found by its key.
  public var isInCluster: Bool {
    if case .cluster = address { true } else { false }
  }

  /// Whether another server may take the place of the one that is connected to.
  public var mayFailOver: Bool { hasSentinels || isInCluster }
}

extension RedisEndpoint: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The URL, with `***` for the password.
  public var description: String {
    let login =
      switch (user, password) {
      case (nil, nil): ""
      case (let user?, nil): "\(user)@"
      case (let user, .some): "\(user ?? ""):***@"
      }
    switch address {
    case .tcp(let host, let port):
      let shownHost = host.contains(":") ? "[\(host)]" : host
      return "\(tls == nil ? "redis" : "rediss")://\(login)\(shownHost):\(port)"
        + (database == 0 ? "" : "/\(database)")
    case .sentinel(let sentinels):
      let details =
        (database == 0 ? [] : ["database=\(database)"])
        + (sentinels.user.map { ["sentinel-user=\($0)"] } ?? [])
        + (sentinels.password == nil ? [] : ["sentinel-password=***"])
      return "\(tls == nil ? "redis" : "rediss")+sentinel://\(login)\(sentinels)"
        + (details.isEmpty ? "" : "?" + details.joined(separator: "&"))
    case .cluster(let cluster, let key):
      // The key, where there is one, tells connections apart in messages.
      return "\(tls == nil ? "redis" : "rediss")+cluster://\(login)\(cluster)"
        + (key.isEmpty ? "" : " (\(key))")
    case .unix(let path): return "unix://\(login)\(path)" + (database == 0 ? "" : " (database \(database))")
    }
  }

  /// The same as ``description``.
  public var debugDescription: String { description }

  /// What `dump` shows: the description and nothing below it.
  public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
