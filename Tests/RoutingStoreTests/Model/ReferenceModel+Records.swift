import Routing

/// What the model remembers of each thing.
extension ReferenceModel {
  struct Conversation: Equatable {
    enum State: String {
      case bot, waiting, active, closed
    }
    var id: ConversationID
    var customer: CustomerID
    var gateway: GatewayID
    var state = State.bot

    // What rules and the gateway said.
    var group: GroupID
    var level: Int
    var firstLevel: Int
    var mode: Mode
    var rule: String?
    var continued: [String] = []
    var tags: [String] = []
    var skills: [SkillID: Int] = [:]
    var weight = 1
    var prefersSkilled = false
    var overflow: [GroupID] = []
    var arms: [SampleArm] = []
    var channel: String?
    var category: String?
    var params: [String: String] = [:]
    /// The group that the gateway asked for, and the customer's dedicated agent when it came.
    var askedFor: GroupID?
    var dedicated: AgentID?
    /// Whom the opening asked for, until somebody has it.
    var requested: AgentID?
    /// What the customer wrote, while it may still matter for the rules.
    var texts: [String] = []

    // Whom it shall not meet.
    var avoid: [AgentID] = []
    /// Who gave it away and shall not have it back yet.
    var excluded: AgentID?
    var excludedUntil: Int64?

    // Times.
    var openedAt: Int64
    var askedAt: Int64
    var queuedAt: Int64

    // While it waits.
    var waitingSince: Int64?
    /// The last sign of life, where the group asks for them.
    var signAt: Int64?
    var only: AgentID?
    var onlyUntil: Int64?
    var onlyReason: String?
    var offered: [GroupID] = []
    /// How many overflow steps, promotions and relax steps are behind it.
    var steps = 0
    var promoted = 0
    var relaxed = 0
    /// The first estimate told, in milliseconds, and the position last told.
    var estimate: Int64?
    var told: Int?
    /// When it is looked again whether those whom it keeps away from are alone.
    var lookAt: Int64?
    var isManual = false
    var parkedAt: Int64?

    // While an agent has it.
    var agent: AgentID?
    var units = 0
    var reason = ""
    var waitedMs: Int64 = 0
    var assignedAt: Int64 = 0
    var answeredAt: Int64?
    var unansweredSince: Int64?
    var responseAlert: Int64 = 0
    var isSlow = false
    var isGreeted = false
    var note: String?
    /// Why the assistant handed it over, as the event said.
    var handoffReason: String?

    var spoke: Event.Speaker?
    var spokeAt: Int64?
    /// Whether its idle timer is set. Timers are lazy: a word only moves `spokeAt`.
    var idleIsArmed = false
    /// Questions in a row that the assistant could not answer.
    var misses = 0

    // The end.
    var closedAt: Int64 = 0
    var closedBy = ""
    var closeReason = ""
    var score: Int?
    var ratedAt: Int64?
    var comment: String?

    /// Whether it has a place in its group's waiting list.
    var isInLine: Bool { state == .waiting && parkedAt == nil }
  }

  /// What an agent is in one of its groups, as its record keeps it.
  struct Membership: Equatable {
    var group: GroupID
    var strategy: GroupConfiguration.Strategy
    var skill: Int
    var capacity: Int?
  }

  struct Agent {
    enum Status: String {
      case online, paused, offline
    }
    var id: AgentID
    var status = Status.offline
    var gateway: GatewayID
    /// The capacity in force; it grows to `target` in steps of 100.
    var capacity = 0
    var target = 0
    var groups: [Membership] = []
    var skills: [SkillID: Int] = [:]
    var weight = 1
    var ramp = 0
    var version: Int64 = 0
    var idleSince: Int64
    var onlineAt: Int64 = 0
    var heartbeatAt: Int64 = 0
    var offlineAt: Int64 = 0
    /// The running ramp minute, and the assignments within it.
    var rampAt: Int64 = 0
    var rampMinute: Int64 = 0
    var rampCount = 0
    /// Whether the running minute's allowance is used up, as last looked at.
    var isHeldBack = false
    /// Its turn, or its mark, by group.
    var turns: [GroupID: Int64] = [:]
    var wrapUps: [WrapUp] = []

    func membership(_ group: GroupID) -> Membership? { groups.first { $0.group == group } }
    func serves(_ group: GroupID) -> Bool { membership(group) != nil }
  }

  /// A slot that stays taken for a while after the end.
  struct WrapUp: Equatable {
    /// `CONVERSATION:GROUP:UNITS`, numbered from the second such one on.
    var name: String
    var group: GroupID
    var units: Int
    var end: Int64
  }

  struct Group {
    var version: Int64 = 0
    /// In the configuration, and not settled yet for the first time.
    var isNew = false
    /// Not in the configuration any more; those who wait here move to the default group.
    var isRetired = false
    var settings: GroupConfiguration
    /// What the clock says, until it is to be asked again.
    var clock: GroupClock
    /// Those who wait are gone through since the clock says otherwise: who was; nil when all were.
    var swept: Set<ConversationID>?
    /// The same for those whom it is offered from elsewhere.
    var offersSwept: Set<ConversationID>?
    /// It has closed.
    var isClosing = false
  }

  /// What a group counts, whether or not its record is of the configuration in force.
  struct Tally {
    /// The last turn drawn, or the mark of the group.
    var turn: Int64 = 0
    /// When the number of its agents online last changed.
    var changedAt: Int64?
    var handleMs: Int64 = 0
    var handleCount: Int64 = 0
    var toldNoAgents: Int64?
    var toldQueueFull: Int64?
  }

  struct Customer: Equatable {
    var revision: Int64 = 0
    var profile: CustomerProfile
    var dedicated: AgentID?
    /// Whom the opening asked for, until somebody has it.
    var requested: AgentID?
    var lastAgent: AgentID?
    var lastGroup: GroupID?
    var lastEnd: Int64?
    var avoid: [AgentID] = []
  }

  /// A record must be brought to the configuration in force before the event that touches it.
  enum Behind: Error {
    case group(GroupID)
    case agent(AgentID)
  }

  /// The event cannot be applied.
  struct Refused: Error {}
}
