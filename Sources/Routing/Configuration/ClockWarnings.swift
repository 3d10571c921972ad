extension ShopConfiguration {
  /// Schedules that are never open or that nothing refers to, and groups whose hours never come.
  ///
  /// Nothing here looks at a clock: a schedule that was open on past dates only is not warned of, so that a file that
  /// was without warnings stays so.
  func clockWarnings() -> [ConfigurationWarning] {
    let neverOpen = schedules.filter { !$0.value.hasHours }
    let used = schedulesUsed
    var warnings: [ConfigurationWarning] = []
    for schedule in schedules.keys {
      let faults = [
        neverOpen[schedule] != nil ? "is never open" : nil,
        used.contains(schedule) ? nil : "is used by no group and no rule",
      ]
      warnings += faults.compactMap { $0 }.map { fault in
        ConfigurationWarning(
          line: notes.scheduleLines[schedule], keyPath: "schedules.\(schedule)", message: fault)
      }
    }
    for group in groups.values {
      guard let hours = group.hours, neverOpen[hours] != nil else { continue }
      warnings.append(
        ConfigurationWarning(
          line: notes.groupLines[group.id], keyPath: "groups.\(group.id)",
          message: "takes nobody: its hours are '\(hours)', which is never open"))
    }
    return warnings
  }

  private var schedulesUsed: Set<ScheduleID> {
    var used = Set(groups.values.compactMap(\.hours))
    for group in groups.values { used.formUnion(group.distribution.bySchedule.map(\.schedule)) }
    used.formUnion(rules.compactMap { $0.when?.schedule })
    return used
  }
}

extension Schedule {
  /// Whether there is any day on which it opens.
  fileprivate var hasHours: Bool {
    weekly.values.contains { !$0.isEmpty } || exceptions.values.contains { !$0.isEmpty }
  }
}
