// I6 for a returning customer, who comes to the agent of last time or else to the least loaded, perhaps above capacity:
// the rules of `seek_returning` in `seek.lua`.
extension AuditChecker {
  /// How many agents of each list are compared.
  private static let compareLimit = 256

  /// Before the writes of an entry that gives a conversation to an agent because its customer returned.
  mutating func judgeReturning(_ assignment: Step.Assignment, in step: Step) {
    let written = assignment.written
    guard written["reason"] == "returning", let id = written["group"], let chosen = agent(assignment.agent)
    else { return }
    let shop = assignment.agent.shop
    let group = AuditedKey.Name(shop: shop, id: id)
    let name = assignment.conversation
    var fields = ledger.hashes[keys.conversation(name)] ?? [:]
    // A reopened conversation has nothing of its old record.
    if fields["state"] == "closed" { fields = [:] }
    let asked = ConversationRecord(id: name.id, fields.merging(written) { $1 })
    let customer = fields["customer"] ?? written["customer"] ?? ""
    let last = ledger.field(keys.customer(AuditedKey.Name(shop: shop, id: customer)), "last_agent")
    let manner = ledger.field(keys.config(shop), "over_capacity") ?? "group"
    func hasRoom(_ agent: AgentRecord) -> Bool { agent.fits(agent.units(of: asked, in: id), in: id) }
    guard chosen.isOnline, chosen.membership(id) != nil else {
      report(.queues, "returning \(name.id) was given to \(chosen.id), who is not online in \(id)")
      return
    }
    choicesJudged += 1
    if manner == "never" || (manner != "group" && chosen.id != last), !hasRoom(chosen) {
      report(.load, "returning \(name.id) was given to \(chosen.id), who has no room")
    }
    if chosen.id == last { return }
    let places = [keys.ready(group), keys.busy(group)].flatMap { key in
      ledger.sortedSets[key]?.places.prefix(Self.compareLimit) ?? []
    }
    let better = places.compactMap { agent(AuditedKey.Name(shop: shop, id: $0.member)) }.first { agent in
      (agent.loadScore, agent.id) < (chosen.loadScore, chosen.id) && agent.version == chosen.version
        && !asked.rulesOut(agent) && (manner == "group" || hasRoom(agent))
    }
    if let better {
      report(
        .queues, "returning \(name.id) was given to \(chosen.id) and not to \(better.id), who has less to do")
    }
  }
}
