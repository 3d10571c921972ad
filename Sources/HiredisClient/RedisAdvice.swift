/// What to do about an error of the server; as text, one sentence for people.
public enum RedisAdvice: Sendable, Hashable, CustomStringConvertible {
  /// The server cannot do it now: the same call again, after a pause.
  case retryLater
  /// This server is not the one to talk to (any more): close, find the primary, connect.
  case reconnect
  /// The key lives on another node: ask the cluster for its slots and go there.
  case redirect
  /// The key is on its way to the node named. Wait until all of its slot is there: a function that asked there ahead
  /// (`ASKING`) would find half of its keys and take the others for absent.
  case askOnce
  /// Load the library or script, then call again.
  case loadLibrary
  /// An operator has to change the server; until then every such call fails.
  case fixConfiguration
  /// User, password or permissions are wrong.
  case fixCredentials
  /// The call itself is wrong; it fails in the same way every time.
  case fixCaller

  /// One sentence for people.
  public var description: String {
    switch self {
    case .retryLater: "the server cannot do this right now; try again in a moment"
    case .reconnect: "this server is not the primary any more; connect again, to the primary"
    case .redirect: "the key lives on another node of the cluster; connect again, for this key"
    case .askOnce: "the key's slot is being moved to another node of the cluster; wait until that is done"
    case .loadLibrary: "the script or function is not loaded; load it and call again"
    case .fixConfiguration: "the server needs its operator: look at its memory, disk and log"
    case .fixCredentials: "check the user, the password and the user's permissions (ACL)"
    case .fixCaller: "the command itself is wrong; repeating it will not help"
    }
  }

  /// Whether the same call can succeed later though the caller changes nothing about itself.
  public var isRetriable: Bool {
    switch self {
    case .retryLater, .reconnect, .redirect, .askOnce, .loadLibrary, .fixConfiguration: true
    case .fixCredentials, .fixCaller: false
    }
  }
}

extension RedisServerError {
  /// Whether another server is the one to talk to, now or soon.
  var isOfAnotherServer: Bool {
    switch advice {
    case .reconnect, .redirect, .askOnce: true
    default: false
    }
  }

  /// What the caller should do about it.
  public var advice: RedisAdvice {
    switch kind {
    case .loading, .noReplicas, .busy, .tryAgain, .clusterDown, .tooManyClients: .retryLater
    // UNBLOCKED comes when a primary is demoted under a blocked client; a stale replica says MASTERDOWN.
    case .readOnly, .masterDown, .unblocked: .reconnect
    case .moved: .redirect
    case .ask: .askOnce
    case .functionNotFound, .noScript: .loadLibrary
    case .misconfigured, .outOfMemory, .unkillable, .protectedMode: .fixConfiguration
    case .noPermission, .authenticationRequired, .wrongPassword: .fixCredentials
    case .transactionAborted, .wrongType, .other: .fixCaller
    }
  }
}
