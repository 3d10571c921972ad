/// A host name or numeric address, and a port.
public struct RedisPlace: Sendable, Hashable, CustomStringConvertible {
  /// The name or numeric address.
  public var host: String
  /// The port.
  public var port: UInt16

  /// Makes a place.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// `host:port`, with brackets around a numeric IPv6 address.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
