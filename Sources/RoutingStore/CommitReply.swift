public import HiredisClient
public import Routing

/// What a commit found. Only ``committed`` and ``duplicate`` have removed the event from its list.
public enum CommitReply: Sendable, Equatable {
  /// Applied and acknowledged.
  case committed
  /// Acknowledged without effect: its source had sent it before.
  case duplicate
  /// The lease has passed to another: nothing of this worker's counts any more.
  case fenced
  /// An event before this one was not committed.
  case position
  /// It was decided under another configuration than the one in force: decide again.
  case stale
  /// What was read has changed since: read and decide again.
  case moved
  /// A record must be brought to the configuration in force first.
  case behind(Record)
  /// What the customer said matters: read the conversation and decide again.
  case listen
  /// It cannot be applied; the reason is for people.
  case rejected(String)
  /// The server refused or the function failed.
  case failed(RedisServerError)

  /// A record that follows the configuration.
  public enum Record: Sendable, Equatable {
    /// The record of a group.
    case group(GroupID)
    /// The record of an agent.
    case agent(AgentID)

    /// Reads `group ID` or `agent ID`.
    init?(_ text: some StringProtocol) {
      if text.hasPrefix("group ") {
        self = .group(GroupID(unchecked: String(text.dropFirst(6))))
      } else if text.hasPrefix("agent ") {
        self = .agent(AgentID(unchecked: String(text.dropFirst(6))))
      } else {
        return nil
      }
    }
  }

  /// Reads what a call of `commit` answered: one reply for each event that it looked at, none for those behind an obstacle
  /// or beyond what one call does. A text that has no other stands alone.
  public static func all(in value: RedisValue) -> [CommitReply] {
    guard let replies = value.array else { return [CommitReply(value)] }
    return replies.map { CommitReply($0) }
  }

  /// Reads the reply for one event, as `commit.lua` lists them.
  init(_ value: RedisValue) {
    if case .error(let error) = value {
      self = .failed(error)
      return
    }
    let text = value.text ?? ""
    switch text {
    case "committed": self = .committed
    case "duplicate": self = .duplicate
    case "fenced": self = .fenced
    case "position": self = .position
    case "stale": self = .stale
    case "moved": self = .moved
    case "listen": self = .listen
    default:
      if text.hasPrefix("rejected ") {
        self = .rejected(String(text.dropFirst(9)))
      } else if text.hasPrefix("behind "), let record = Record(text.dropFirst(7)) {
        self = .behind(record)
      } else {
        self = .failed(RedisServerError("ERR a function answered with '\(text)'"))
      }
    }
  }
}
