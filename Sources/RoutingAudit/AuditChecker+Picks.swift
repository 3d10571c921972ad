import Routing

// I6 as far as it concerns choices: who was taken, and who should have been. The rules are those of `choose.lua` and
// `placement.lua`. Where time alone would tell (whom a customer would rather not have, and nobody else is there), nothing
// is said.
extension AuditChecker {
  /// How far the functions search a list past those who do not suit.
  private static let lookLimit = 1_000
  /// How many agents they compare where the list's own order is not the one that is wanted.
  private static let compareLimit = 256

  // MARK: An agent took from the queues

  /// Just before an agent is given a conversation out of the queues: nobody who came first could have been had instead.
  mutating func judgeFill(_ assignment: Step.Assignment, in step: Step) {
    guard var agent = agent(assignment.agent), let chosen = conversation(assignment.conversation) else {
      report(
        .queues,
        "\(assignment.agent.id) was given \(assignment.conversation.id), and one of them has no record")
      return
    }
    guard let room = assignment.room else { return }
    (agent.used, agent.spread) = room
    guard chosen.state == "waiting" else {
      report(.queues, "agent \(agent.id) took \(chosen.id) from the queues, which was \(chosen.state)")
      return
    }
    if chosen.onlyReason != "requested", !chosen.avoid.contains(agent.id), chosen.rulesOut(agent) {
      report(.queues, "agent \(agent.id) took \(chosen.id) from the queues, whom it does not suit")
    }
    if chosen.onlyReason != "requested" { judgeAvoided(assignment, chosen.avoid, step.entry) }
    choicesJudged += 1
    let limit = SortedSet.Place(score: chosen.score, member: chosen.id)
    for key in sources(of: agent, assignment.agent) {
      for place in (ledger.sortedSets[key]?.places ?? []).prefix(Self.lookLimit) {
        guard place < limit else { break }
        guard let other = conversation(AuditedKey.Name(shop: assignment.agent.shop, id: place.member)),
          suits(other, agent, shop: assignment.agent.shop)
        else { continue }
        report(
          .queues,
          "agent \(agent.id) took \(chosen.id) from the queues before \(other.id), which came first in \(key)"
        )
        return
      }
    }
  }

  /// The lists in which an agent finds what waits for it.
  func sources(of agent: AgentRecord, _ name: AuditedKey.Name) -> [String] {
    var found: [String] = []
    for membership in agent.groups {
      let group = AuditedKey.Name(shop: name.shop, id: membership.group)
      found.append(keys.wait(group))
      found.append(keys.offer(group))
    }
    if agent.isWanted { found.append(keys.wanted(name)) }
    return found
  }

  /// Whether a free agent would have a waiting conversation, in its own group or in one that it is offered to.
  func suits(_ other: ConversationRecord, _ agent: AgentRecord, shop: String) -> Bool {
    guard other.state == "waiting", !other.isParked, other.only == nil || other.only == agent.id else {
      return false
    }
    // Whom a customer asked for it has, suited or not; whom it would rather not have it may have as the last one left.
    if other.avoid.contains(agent.id) { return false }
    if other.onlyReason != "requested", other.rulesOut(agent) { return false }
    let home = other.only != nil || agent.membership(other.group) != nil
    if !other.isManual, home, agent.fits(agent.units(of: other, in: other.group), in: other.group) {
      return true
    }
    return other.offered.contains { id in
      guard agent.membership(id) != nil, agent.fits(agent.units(of: other, in: id), in: id),
        let group = group(AuditedKey.Name(shop: shop, id: id))
      else { return false }
      return !group.isRetired && group.isOpen && !group.isSweepingOffers && !group.holdsBack(other.id)
    }
  }

  // MARK: An agent was looked for

  private static let picking: Set<String> = ["group", "overflow", "queue", "requeue", "unanswered"]

  /// Before the writes of an entry that gives a conversation to the best of a group: nobody who came first suited.
  mutating func judgePick(_ assignment: Step.Assignment, in step: Step) {
    let written = assignment.written
    guard let reason = written["reason"], let id = written["group"],
      Self.picking.contains(reason) || (reason == "transfer" && isToGroup(step.entry)),
      // What came before in the same step is not played yet.
      assignment.index == step.assignments.first?.index
    else { return }
    let shop = assignment.agent.shop
    let group = AuditedKey.Name(shop: shop, id: id)
    let before = conversation(assignment.conversation)
    var fields = (ledger.hashes[keys.conversation(assignment.conversation)] ?? [:]).merging(written) { $1 }
    for name in assignment.removed { fields[name] = nil }
    let after = ConversationRecord(id: assignment.conversation.id, fields)
    // A reopened conversation has nothing of its old record.
    let asked = before?.state == "closed" ? ConversationRecord(id: after.id, written) : after
    guard let chosen = agent(assignment.agent) else {
      report(.queues, "\(assignment.conversation.id) was given to \(assignment.agent.id), who has no record")
      return
    }
    guard ledger.sortedSets[keys.ready(group)]?.score(of: chosen.id) != nil else {
      report(.queues, "\(asked.id) was given to \(chosen.id), who was not in \(keys.ready(group))")
      return
    }
    func isOut(_ agent: AgentRecord) -> Bool {
      asked.rulesOut(agent) || before?.rulesOut(agent) == true || before?.holder == agent.id
    }
    if asked.skills.contains(where: { (chosen.skills[$0.key] ?? 0) < $0.value }) {
      report(.queues, "\(asked.id) was given to \(chosen.id), who has not the skills that it asks for")
    }
    if !["transfer", "unanswered"].contains(reason), let before, before.excluded == chosen.id,
      before.excludedUntil > step.entry.at ?? .max
    {
      report(.queues, "\(asked.id) was given back to \(chosen.id), who gave it away")
    }
    judgeAvoided(assignment, asked.avoid, step.entry)
    choicesJudged += 1
    let candidates = candidates(in: group, before: chosen, best: asked.prefer == "most-skilled")
    let better = candidates.first { agent in
      agent.version == chosen.version && !isOut(agent) && agent.fits(agent.units(of: asked, in: id), in: id)
    }
    if let better {
      report(
        .queues,
        "\(asked.id) was given to \(chosen.id) and not to \(better.id), who came first in \(keys.ready(group))"
      )
    }
  }

  /// Whom a customer would rather not have it gets only when nobody else has been there for a while.
  private mutating func judgeAvoided(_ assignment: Step.Assignment, _ avoided: [String], _ entry: AuditEntry)
  {
    let (agent, shop) = (assignment.agent.id, assignment.agent.shop)
    guard avoided.contains(agent), let id = assignment.written["group"], let now = entry.at,
      let group = group(AuditedKey.Name(shop: shop, id: id))
    else { return }
    let patience = ledger.field(keys.config(shop), "dedicated_wait").flatMap { Int64($0) } ?? 60_000
    if group.online > 1 || now - group.changedAt <= patience {
      report(
        .queues,
        "\(assignment.conversation.id) was given to \(agent), whom the customer would rather not have")
    }
  }

  /// Those of a group who come before the chosen one: in the order of its list, or by skill and load.
  private func candidates(
    in group: AuditedKey.Name, before chosen: AgentRecord, best isBySkill: Bool
  ) -> [AgentRecord] {
    let places = ledger.sortedSets[keys.ready(group)]?.places ?? []
    func record(_ place: SortedSet.Place) -> AgentRecord? {
      agent(AuditedKey.Name(shop: group.shop, id: place.member))
    }
    guard isBySkill else {
      return places.prefix(Self.lookLimit).prefix { $0.member != chosen.id }.compactMap(record)
    }
    func rank(_ agent: AgentRecord) -> (Int, Double, String) {
      (-(agent.membership(group.id)?.skill ?? 0), agent.loadScore, agent.id)
    }
    return places.prefix(Self.compareLimit).compactMap(record).filter { rank($0) < rank(chosen) }
  }

  /// Whether the event of a transfer names a group.
  private func isToGroup(_ entry: AuditEntry) -> Bool {
    guard let event = entry.event, event.count == entry.bytes,
      case .success(let decoded) = EventDecoder.decode(event),
      case .transfer(_, .group, _, _) = decoded.kind
    else { return false }
    return true
  }
}
