/// How a group's conversations wait: the keys `groups.ID.queue` (routing, sections 6 and 7).
public struct QueueConfiguration: Sendable, Equatable {
  /// Whether anybody waits at all; otherwise the mode's other side, or a rejection.
  public var enabled = true
  /// How many wait at most; 0…1,000,000.
  public var limit = 1_000
  /// What happens to a new conversation while nobody of the group is online.
  public var whenEmpty = WhenEmpty.queue
  /// The time that one conversation is taken to last, for the estimate told to customers.
  public var handleTime = HandleTime.fixed(.minutes(10))
  /// From where on neither the position nor the estimate is told.
  public var hide = Hide()
  /// Push fresh numbers at most this often; 0 is never.
  public var notify = Milliseconds.zero
  /// Raise a waiting conversation by one level each such period; 0 is never.
  public var promoteAfter = Milliseconds.zero
  /// Who comes before whom.
  public var order = Order.strict
  /// What one level is worth in waiting, under the order `credit`.
  public var credit = Milliseconds.seconds(90)
  /// What is done with those who wait too long, by growing `after`.
  public var overflow: [OverflowStep] = []
  /// How demands on skills soften with the waiting, by growing `after`.
  public var relax: [RelaxStep] = []
  /// A conversation without a sign of life for so long is parked when its turn comes; 0 is never.
  public var silentAfter = Milliseconds.zero
  /// How long a parked conversation keeps its place before it counts as abandoned.
  public var parkedFor = Milliseconds.minutes(10)

  /// The defaults.
  public init() {}

  /// What happens to a new conversation while nobody of its group is online (paused counts as online).
  public enum WhenEmpty: String, Sendable, CaseIterable {
    /// It waits all the same.
    case queue
    /// The mode's other side, or the overflow groups.
    case fallback
  }

  /// Where the estimate takes the time of one conversation from.
  public enum HandleTime: Sendable, Hashable {
    /// From the configuration; more than 0.
    case fixed(Milliseconds)
    /// The measured mean; until 20 are measured, ten minutes.
    case measured

    /// What is assumed before anything is measured.
    public static let assumed = Milliseconds.minutes(10)
  }

  /// Beyond either of these, exceeded strictly, the customer is told neither its position nor an estimate.
  public struct Hide: Sendable, Equatable {
    /// So many waiting.
    public var waiting: Int
    /// So long an estimate.
    public var wait: Milliseconds

    /// Makes the two limits.
    public init(waiting: Int = 50, wait: Milliseconds = .minutes(30)) {
      self.waiting = waiting
      self.wait = wait
    }
  }

  /// Who comes before whom in the queue.
  public enum Order: String, Sendable, CaseIterable {
    /// By level, then by time of queueing.
    case strict
    /// By time of queueing, less `credit` for each level.
    case credit
  }

  /// One step of `queue.overflow`: after so long, at least one of the rest.
  public struct OverflowStep: Sendable, Equatable {
    /// How long the conversation has waited; more than 0.
    public var after: Milliseconds
    /// Groups to offer it to as well.
    public var to: [GroupID]
    /// What becomes of its level.
    public var level: LevelChange?
    /// Whether to alert the supervisor.
    public var alert: Bool
    /// Whether to hand it to the assistant (`mode: bot`).
    public var handToBot: Bool

    /// Makes a step.
    public init(
      after: Milliseconds, to: [GroupID] = [], level: LevelChange? = nil, alert: Bool = false,
      handToBot: Bool = false
    ) {
      self.after = after
      self.to = to
      self.level = level
      self.alert = alert
      self.handToBot = handToBot
    }
  }

  /// One step of `queue.relax`: after so long, lower demands on skills.
  public struct RelaxStep: Sendable, Equatable {
    /// How long the conversation has waited; more than 0.
    public var after: Milliseconds
    /// The new minimum of each skill named, 1…10; 0 drops the demand.
    public var skills: [SkillID: Int]

    /// Makes a step.
    public init(after: Milliseconds, skills: [SkillID: Int]) {
      self.after = after
      self.skills = skills
    }
  }
}
