extension CustomerProfile {
  /// What an event says of a customer, merged over what is stored (routing, section 1): what it leaves out is as
  /// stored; tags replace the stored ones; attributes do so each by its name.
  ///
  /// Of attributes no more than ``EventLimits/attributes`` are kept: those told first, then stored ones, in order of
  /// name, so that events that tell ever new ones do not make a record grow without end.
  public init(told: Event.Customer, stored: StoredCustomer?) {
    self.init(
      id: told.id, name: told.name ?? stored?.name, vip: told.vip ?? stored?.vip,
      level: told.level ?? stored?.level, tags: told.tags ?? stored?.tags ?? [],
      attributes: Self.merged(told.attributes ?? [:], over: stored?.attributes ?? [:]))
  }

  private static func merged(
    _ told: [String: Event.AttributeValue], over stored: [String: Event.AttributeValue]
  ) -> [String: Event.AttributeValue] {
    let all = stored.merging(told) { _, told in told }
    guard all.count > EventLimits.attributes else { return all }
    let inOrder = all.keys.sorted { left, right in
      let isTold = (left: told[left] != nil, right: told[right] != nil)
      return isTold.left == isTold.right ? left.isBefore(right) : isTold.left
    }
    let kept = Set(inOrder.prefix(EventLimits.attributes))
    return all.filter { kept.contains($0.key) }
  }
}
