/// What the URL of a user names: one server, a set with sentinels, or a cluster.
///
/// In a cluster there is no server as such, only one for each key. So a connection is made to the
/// ``endpoint(of:)`` a key, and whoever has a deployment cannot forget to say which.
public struct RedisDeployment: Sendable, Hashable, CustomStringConvertible {
  /// In a cluster, that of the empty key.
  private let whole: RedisEndpoint

  /// The deployment in which all keys have one endpoint.
  public init(_ endpoint: RedisEndpoint) { whole = endpoint }

  /// The deployment that a URL names: what ``RedisEndpoint/init(url:tls:)`` takes, and
  /// `redis+cluster://[user:password@]host[:port],host[:port]…` (port 6379), with `rediss+cluster` for TLS.
  ///
  /// - Parameter tls: whom to trust, for an address with TLS; others leave it aside.
  /// - Throws: ``RedisURLError``.
  public init(url: String, tls: RedisTLS = RedisTLS()) throws(RedisURLError) {
    whole = try RedisURL.parse(url, tls: tls)
  }

  /// Where a key, and with it all others in its slot, is to be reached.
  public func endpoint(of key: String) -> RedisEndpoint { whole.of(key: key) }

  /// Whether keys may be at different servers.
  public var isCluster: Bool { whole.isInCluster }
  /// Whom TLS trusts, for an address with TLS; nil for one without.
  public var tls: RedisTLS? { whole.tls }
  /// The one server, if it is one that is named by its own address.
  public var address: RedisEndpoint.Address { whole.address }

  /// The URL, with `***` for the password.
  public var description: String { whole.description }
}
