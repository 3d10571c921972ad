/// The `type` of an event, as it is written on the wire.
public enum EventType: String, Sendable, CaseIterable {
  /// `conversation.open`
  case open = "conversation.open"
  /// `conversation.message`
  case message = "conversation.message"
  /// `conversation.handoff`
  case handoff = "conversation.handoff"
  /// `conversation.status`
  case status = "conversation.status"
  /// `conversation.close`
  case close = "conversation.close"
  /// `conversation.transfer`
  case transfer = "conversation.transfer"
  /// `conversation.accept`
  case accept = "conversation.accept"
  /// `conversation.rate`
  case rate = "conversation.rate"
  /// `agent.online`
  case agentOnline = "agent.online"
  /// `agent.pause`
  case agentPause = "agent.pause"
  /// `agent.offline`
  case agentOffline = "agent.offline"
  /// `agent.heartbeat`
  case agentHeartbeat = "agent.heartbeat"
  /// `customer.update`
  case customerUpdate = "customer.update"
  /// `customer.forget`
  case customerForget = "customer.forget"
  /// `shop.emergency`
  case emergency = "shop.emergency"

  /// The type that these bytes spell. A raw value costs fifteen comparisons of strings; this costs the
  /// comparison of lengths, and of bytes for the one or two types that have it.
  init?(spelled bytes: UnsafeBufferPointer<UInt8>) {
    switch bytes.count {
    case 11 where bytes.spells("agent.pause"): self = .agentPause
    case 12 where bytes.spells("agent.online"): self = .agentOnline
    case 13 where bytes.spells("agent.offline"): self = .agentOffline
    case 14 where bytes.spells("shop.emergency"): self = .emergency
    case 15 where bytes.spells("agent.heartbeat"): self = .agentHeartbeat
    case 15 where bytes.spells("customer.update"): self = .customerUpdate
    case 15 where bytes.spells("customer.forget"): self = .customerForget
    case 17 where bytes.spells("conversation.open"): self = .open
    case 17 where bytes.spells("conversation.rate"): self = .rate
    case 18 where bytes.spells("conversation.close"): self = .close
    case 19 where bytes.spells("conversation.status"): self = .status
    case 19 where bytes.spells("conversation.accept"): self = .accept
    case 20 where bytes.spells("conversation.message"): self = .message
    case 20 where bytes.spells("conversation.handoff"): self = .handoff
    case 21 where bytes.spells("conversation.transfer"): self = .transfer
    default: return nil
    }
  }

  /// The known type that is written most like `text`, for the reason of a rejection.
  static func nearest(to text: String) -> EventType {
    var best = EventType.open
    var least = Int.max
    for type in allCases {
      let distance = editDistance(Array(text.utf8), Array(type.rawValue.utf8))
      if distance < least {
        least = distance
        best = type
      }
    }
    return best
  }

  /// How many bytes to insert, remove or replace to make one of the other (Levenshtein).
  private static func editDistance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var row = Array(0...other.count)
    for (line, byte) in one.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for column in other.indices {
        let replaced = diagonal + (other[column] == byte ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}

extension Event {
  /// The event's type.
  public var type: EventType {
    switch kind {
    case .open: .open
    case .message: .message
    case .handoff: .handoff
    case .status: .status
    case .close: .close
    case .transfer: .transfer
    case .accept: .accept
    case .rate: .rate
    case .agentOnline: .agentOnline
    case .agentPause: .agentPause
    case .agentOffline: .agentOffline
    case .agentHeartbeat: .agentHeartbeat
    case .customerUpdate: .customerUpdate
    case .customerForget: .customerForget
    case .emergency: .emergency
    }
  }

  /// The event's type as it is written on the wire.
  public var typeName: String { type.rawValue }
}
