/// An error reply of the server.
///
/// It is classified by its first word, and where that is `ERR` by those that follow: Redis 7 appends where in a script an error arose
/// (`OOM command not allowed … script: f, on @user_function:12.`), and may put a dash in front.
public struct RedisServerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The classes of errors that a caller may want to tell apart.
  public enum Kind: Sendable, Hashable {
    /// The server is reading its data from disk.
    case loading
    /// The server is a replica, or has become one.
    case readOnly
    /// A replica without its primary.
    case masterDown
    /// Fewer replicas than `min-replicas-to-write`.
    case noReplicas
    /// The server refuses writes because it cannot store them on disk.
    case misconfigured
    /// The server has reached `maxmemory`.
    case outOfMemory
    /// A script or function is running for longer than `busy-reply-threshold`.
    case busy
    /// A running script has written and cannot be stopped any more.
    case unkillable
    /// Keys of several slots while these are being moved.
    case tryAgain
    /// This one command belongs to another node while its slot moves there.
    case ask(slot: Int, address: String)
    /// The slot belongs to another node.
    case moved(slot: Int, address: String)
    /// The cluster does not serve some slot.
    case clusterDown
    /// The user may not do this.
    case noPermission
    /// The server wants a password.
    case authenticationRequired
    /// A blocking command was ended from outside, as when a primary becomes a replica.
    case unblocked
    /// User and password are not those of the server.
    case wrongPassword
    /// An `EVALSHA` of a script that the server does not have.
    case noScript
    /// A transaction with a command in it that was refused.
    case transactionAborted
    /// A command for another type of key.
    case wrongType
    /// The server has as many clients as `maxclients` allows.
    case tooManyClients
    /// The server answers nobody but its own machine until it has a password.
    case protectedMode
    /// The function's library is not loaded.
    case functionNotFound
    /// Anything else, by the first word of its text.
    case other(code: String)
  }

  /// The class.
  public let kind: Kind
  /// The whole text as the server sent it, without the leading `-`.
  public let message: String

  /// Classifies the text of an error reply.
  public init(_ text: String) {
    message = text.hasPrefix("-") ? String(text.dropFirst()) : text
    let words = message.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: true)
    kind = Self.classify(words, message)
  }

  /// The text as the server sent it, and what to do about it.
  public var description: String { "\(message) (\(advice))" }

  private static func classify(_ words: [Substring], _ message: String) -> Kind {
    let code = words.first.map(String.init) ?? ""
    switch code {
    case "LOADING": return .loading
    case "READONLY": return .readOnly
    case "MASTERDOWN": return .masterDown
    case "NOREPLICAS": return .noReplicas
    case "MISCONF": return .misconfigured
    case "OOM": return .outOfMemory
    case "BUSY": return .busy
    case "UNKILLABLE": return .unkillable
    case "TRYAGAIN": return .tryAgain
    case "CLUSTERDOWN": return .clusterDown
    case "NOPERM": return .noPermission
    case "NOAUTH": return .authenticationRequired
    case "UNBLOCKED": return .unblocked
    case "WRONGPASS": return .wrongPassword
    case "NOSCRIPT": return .noScript
    case "EXECABORT": return .transactionAborted
    case "WRONGTYPE": return .wrongType
    case "DENIED": return .protectedMode
    case "ERR" where message.hasPrefix("ERR Function not found"): return .functionNotFound
    // What Redis says where a call of a function, not the function itself, meets a slot on its way or lost.
    case "ERR" where message.hasPrefix("ERR Script attempted to access a non local key"): return .tryAgain
    case "ERR"
    where message.hasPrefix("ERR Script attempted to execute a") && message.contains("cluster is down"):
      return .clusterDown
    case "ERR" where message.hasPrefix("ERR max number of clients"): return .tooManyClients
    case "ASK", "MOVED":
      guard words.count >= 3, let slot = Int(words[1]) else { return .other(code: code) }
      let address = String(words[2])
      return code == "ASK" ? .ask(slot: slot, address: address) : .moved(slot: slot, address: address)
    default: return .other(code: code)
    }
  }
}
