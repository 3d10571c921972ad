/// A library of Redis functions: the source that `FUNCTION LOAD` takes and the name its first line declares.
public struct RedisLibrary: Sendable, Hashable {
  /// The name after `name=` in the first line of ``code``.
  public let name: String
  /// Lua source whose first line is `#!lua name=…`.
  public let code: String

  /// A library; nothing is checked here, Redis does so when it is loaded.
  public init(name: String, code: String) {
    self.name = name
    self.code = code
  }
}
