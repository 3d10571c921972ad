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
  }

  /// How the server is reached.
  public let address: Address
  /// The user to log in as; nil for the default one.
  public let user: String?
  /// The database to select after connecting.
  public let database: Int
  /// Whether a password is set.
  public var hasPassword: Bool { password != nil }
  let password: String?

  /// An endpoint from its parts.
  public init(_ address: Address, user: String? = nil, password: String? = nil, database: Int = 0) {
    self.address = address
    self.user = user
    self.password = password
    self.database = database
  }

  /// The endpoint that a URL names: `redis://[user:password@]host[:port][/database]` (port 6379 if none is
  /// given) or `unix://[user:password@]/path/to.sock`. In user, password and path, `%40` and the like stand
  /// for the bytes they name.
  ///
  /// - Throws: ``RedisURLError``; also for `rediss://`, `redis+cluster://` and `redis+sentinel://`, which
  ///   this version knows by name only.
  public init(url: String) throws(RedisURLError) {
    self = try RedisURL.parse(url)
  }
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
      return "redis://\(login)\(shownHost):\(port)" + (database == 0 ? "" : "/\(database)")
    case .unix(let path): return "unix://\(login)\(path)" + (database == 0 ? "" : " (database \(database))")
    }
  }

  /// The same as ``description``.
  public var debugDescription: String { description }

  /// What `dump` shows: the description and nothing below it.
  public var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
