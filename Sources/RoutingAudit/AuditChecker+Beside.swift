// I6 as far as it concerns what was not chosen: nobody waits beside an agent who would have them.
extension AuditChecker {
  /// How many are looked at, of agents and of those who wait.
  private static let besideLimit = 20

  /// A conversation that waits now: none of the first agents who could take one more would have it.
  mutating func judgeBeside(_ name: AuditedKey.Name) {
    guard let record = conversation(name), record.state == "waiting", !record.isParked, record.only == nil
    else { return }
    let version = ledger.field(keys.config(name.shop), "version")
    for id in [record.group] + record.offered {
      let key = AuditedKey.Name(shop: name.shop, id: id)
      guard let group = group(key), !group.isRetired, group.version == version else { continue }
      for place in (ledger.sortedSets[keys.ready(key)]?.places ?? []).prefix(Self.besideLimit) {
        guard let agent = agent(AuditedKey.Name(shop: name.shop, id: place.member)), agent.version == version,
          suits(record, agent, shop: name.shop)
        else { continue }
        report(
          .queues, "conversation \(name.id) of \(name.shop) waits beside \(agent.id), who has room in \(id)")
        return
      }
    }
  }

  /// An agent who can take one more: none of the first who wait where it serves would it have.
  mutating func judgeQueues(of name: AuditedKey.Name) {
    guard let agent = agent(name), agent.isOnline, !agent.isRamped, agent.used < agent.capacity,
      agent.version == ledger.field(keys.config(name.shop), "version")
    else { return }
    for key in sources(of: agent, name) {
      for place in (ledger.sortedSets[key]?.places ?? []).prefix(Self.besideLimit) {
        guard let other = conversation(AuditedKey.Name(shop: name.shop, id: place.member)),
          suits(other, agent, shop: name.shop)
        else { continue }
        report(.queues, "agent \(name.id) of \(name.shop) has room beside \(other.id), which waits in \(key)")
        return
      }
    }
  }
}
