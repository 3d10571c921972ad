/// Goes through the entries of one shard's audit in order, and says what of Fenliu's promises was not kept.
///
/// Each entry is judged by itself, by what it claims and by the state that all entries before it add up to: as much work as
/// the entry touches. Every ``wholeLookEvery`` entries, and at the end, everything is looked at.
///
/// The first entry must be the first after the audit began; what was in the shard before is given as `state`.
public struct AuditChecker: Sendable {
  /// So many entries lie between two looks at everything.
  public static let wholeLookEvery: Int64 = 1_000

  let keys: AuditedKeys
  var ledger: Ledger
  var violations = ViolationList()
  /// The number of the entry being judged.
  var number: Int64 = 0
  private var lastNumber: Int64
  var leases = LeaseHistory()
  var places = Places()
  var commands: [String: CommandHistory] = [:]
  /// By gateway, the `seq` of the last command before the audit.
  let sentBefore: [String: String]
  /// All that ever had records, for the bound of the timers, which look later whether theirs is still there.
  var agentsSeen: Set<AuditedKey.Name> = []
  var groupsSeen: Set<AuditedKey.Name> = []
  /// By partition, what was taken from its list.
  var taken: [Int: [TakenEvent]] = [:]

  /// A checker for the shard of this tag, `fl:{0}`.
  public init(shard tag: String, state: [String: LedgerValue] = [:]) {
    keys = AuditedKeys(tag: tag)
    let known = state.filter { AuditedKeys(tag: tag).isAudited($0.key) }
    ledger = Ledger(known)
    lastNumber = 0
    if case .hash(let fields) = state[keys.base + "audited"] { lastNumber = Int64(fields["n"] ?? "") ?? 0 }
    sentBefore = ledger.hashes[keys.gateways] ?? [:]
    places.begin(with: ledger, keys)
    agentsSeen = places.agents
    groupsSeen = places.groups
  }

  /// How many entries were judged.
  public private(set) var entries: Int64 = 0

  /// How often a conversation came to an agent, and how often that was a choice that could be judged.
  public internal(set) var assignments = 0
  /// See `assignments`.
  public internal(set) var choicesJudged = 0

  /// What was found so far; ``finish(_:)`` finds the rest.
  public var found: [Violation] { violations.found }

  /// Judges the next entry.
  ///
  /// - Throws: if the entry holds a command that the ledger does not know: then nothing can be said of what follows.
  public mutating func feed(_ entry: AuditEntry) throws(LedgerError) {
    number = entry.number
    entries += 1
    if number != lastNumber + 1 {
      report(.boundsAndRecord, "entries \(lastNumber + 1) to \(number - 1) are missing before it")
    }
    lastNumber = number
    var step = Step(entry, keys)
    assignments += step.assignments.count
    judgeRight(of: entry)
    judgeTimer(of: entry)
    if entry.kind == "generation_settle" { judgeGeneration(step) }
    for assignment in step.assignments where !assignment.isFill {
      judgePick(assignment, in: step)
      judgeReturning(assignment, in: step)
    }
    for index in entry.writes.indices { try play(index, of: &step) }
    judgeReleased(by: step)
    judgeEvent(of: step)
    judgeTouched(by: step)
    if entries % Self.wholeLookEvery == 0 { judgeEverything() }
  }

  mutating func report(_ invariant: Invariant, _ words: String) { violations.add(invariant, number, words) }

  // MARK: Playing

  private mutating func play(_ index: Int, of step: inout Step) throws(LedgerError) {
    let write = step.entry.writes[index]
    guard write.count > 1 else { throw LedgerError(command: write, reason: "it has no key") }
    switch step.meanings[index] {
    case .inbox(let partition):
      guard write[0] == "LPOP" else { throw LedgerError(command: write, reason: "events are only taken") }
      step.popped += write.count > 2 ? Int(write[2]) ?? 1 : 1
      if partition != step.entry.partition {
        report(.fencing, "took an event of partition \(partition) in the name of another")
      }
      taken[partition, default: []].append(TakenEvent(step.entry))
    case .outbox(let gateway):
      try playCommands(write, to: gateway, &step)
    case .heldBack: try playHeld(write, &step)
    default:
      if let assignment = step.assignments.first(where: { $0.index == index && $0.isFill }) {
        judgeFill(assignment, in: step)
      }
      guard write[0] == "DEL" else { return try playRecord(write, step.meanings[index], &step) }
      for key in write.dropFirst() { try playRecord(["DEL", key], keys.meaning(of: key), &step) }
    }
  }

  private mutating func playRecord(
    _ write: [String], _ meaning: AuditedKey, _ step: inout Step
  ) throws(LedgerError) {
    switch meaning {
    case .unknown: report(.boundsAndRecord, "\(write[0]) of \(write[1]), which is no key of the shard")
    case .aside: report(.boundsAndRecord, "\(write[0]) of \(write[1]), which no function writes")
    case .conversation(let name):
      remember(name, &step)
      if write[0] == "HSET", write.contains("opened_at") { expire(write[1]) }
    case .customer:
      if write[0] == "HSET", Step.fields(of: write)["revision"] == "1" { expire(write[1]) }
    case .group(let name): groupsSeen.insert(name)
    case .wrap(let name): rememberAgent(name, &step)
    case .agent(let name):
      agentsSeen.insert(name)
      rememberAgent(name, &step)
    case .lease(let partition):
      judgeLeaseWrite(write, partition, by: step.entry)
      leases.forget(partition, write)
    case .gateways: judgeCounting(write, by: step.entry)
    default: break
    }
    let members = places.members(write, meaning, ledger)
    for member in members {
      switch meaning {
      case .waiting(_, let name), .held(let name):
        remember(AuditedKey.Name(shop: name.shop, id: member), &step)
      default: break
      }
    }
    if case .held(let name) = meaning { rememberAgent(name, &step) }
    try ledger.play(write)
    places.note(members, meaning, write[1], ledger)
    step.grown[write[1]] = meaning
  }

  /// A record begins anew, and the step has not removed an older one: so Redis had, as its time was over.
  private mutating func expire(_ key: String) { _ = ledger.expire(key) }

  /// Keeps how a conversation was before the step.
  private func remember(_ name: AuditedKey.Name, _ step: inout Step) {
    if step.conversations[name] == nil { step.conversations[name] = .some(conversation(name)) }
  }

  private func rememberAgent(_ name: AuditedKey.Name, _ step: inout Step) {
    if step.agents[name] == nil { step.agents[name] = .some(agent(name)) }
  }

  // MARK: Records

  func conversation(_ name: AuditedKey.Name) -> ConversationRecord? {
    ledger.hashes[keys.conversation(name)].map { ConversationRecord(id: name.id, $0) }
  }

  func agent(_ name: AuditedKey.Name) -> AgentRecord? {
    ledger.hashes[keys.agent(name)].map { AgentRecord(id: name.id, $0) }
  }

  func group(_ name: AuditedKey.Name) -> GroupRecord? {
    ledger.hashes[keys.group(name)].map { GroupRecord($0) }
  }
}
