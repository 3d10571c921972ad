public import Routing

/// What the functions in Redis know of a configuration: the settings in the records of shops, groups and agents.
/// An empty value says that a setting is off; its field is removed.
extension ShopConfiguration {
  /// The settings of the shop's record: name, value …
  public var functionSettings: [String] {
    var settings = openingSettings
    settings += [
      "default_group", defaultGroup.rawValue,
      "offline_grace", String(offlineGrace.rawValue),
      "heartbeat", String(heartbeat.rawValue),
      "bad_rating", String(badRating),
      "statistics_retention", String(retention.statistics.rawValue),
      "bot_gateway", assistant.gateway?.rawValue ?? "",
      "max_misses", String(assistant.maxMisses),
      "text:assistant", assistant.greeting,
    ]
    let texts: [(String, String)] = [
      ("busy", texts.busy), ("busy_hidden", texts.busyHidden), ("off_hours", texts.offHours),
      ("idle", texts.idle), ("survey", texts.survey), ("no_agent", texts.noAgent),
    ]
    for (name, text) in texts { settings += ["text:" + name, text] }
    return settings
  }

  /// Those of the shop's settings that an opening needs. Every group's record has them too, so that an opening reads
  /// one record less.
  fileprivate var openingSettings: [String] {
    [
      "dedicated_wait", String(dedicatedWait.rawValue),
      "retention", String(retention.conversations.rawValue),
      "customer_retention", String(retention.customers.rawValue),
      "return_window", String(returning.window.rawValue),
      "over_capacity", returning.overCapacity.rawValue,
      "supervisor", supervisorGateway?.rawValue ?? "",
      "survey_window", surveyWindow.map { String($0.rawValue) } ?? "",
      "greeting", texts.greeting,
      "plan_notice", emergency.notice ?? texts.emergency,
      "plan_mode", emergency.mode?.rawValue ?? "",
      "plan_group", emergency.group?.rawValue ?? "",
    ]
  }
}

extension RoutingPlan {
  /// The settings of a group's record at a moment, name, value …; nil if there is no such group.
  public func functionSettings(of id: GroupID, at now: Moment) -> [String]? {
    guard let group = configuration.groups[id], let clock = clock(of: id, at: now) else { return nil }
    let agents = agentCounts[id] ?? 0
    return group.functionSettings + clock.functionSettings + ["agents", String(agents)]
      + configuration.openingSettings
  }
}

extension GroupClock {
  fileprivate var functionSettings: [String] {
    let manner =
      switch manner {
      case .auto: "auto"
      case .manual: "manual"
      case .share(let share): String(share.hundredthsOfPercent)
      }
    return [
      "open", isOpen ? "" : "0", "manner", manner == "auto" ? "" : manner,
      "until", until.map { String($0.rawValue) } ?? "",
    ]
  }
}

extension GroupConfiguration {
  fileprivate var functionSettings: [String] {
    [
      "strategy", strategy.rawValue,
      "enabled", queue.enabled ? "1" : "0",
      "limit", String(queue.limit),
      "when_empty", queue.whenEmpty == .fallback ? "fallback" : "",
      "handle_time", String(queue.handleTime.configured.rawValue),
      "measured", queue.handleTime == .measured ? "1" : "",
      "hide_waiting", String(queue.hide.waiting),
      "hide_wait", String(queue.hide.wait.rawValue),
      "notify", Self.text(queue.notify),
      "promote_after", Self.text(queue.promoteAfter),
      "credit", queue.order == .credit ? String(queue.credit.rawValue) : "",
      "overflow", queue.overflow.map(\.functionText).joined(separator: " "),
      "relax", queue.relax.map(\.functionText).joined(separator: " "),
      "silent_after", Self.text(queue.silentAfter),
      "parked_for", queue.silentAfter == .zero ? "" : String(queue.parkedFor.rawValue),
      "idle_timeout", String(idleTimeout.rawValue),
      "response_alert", Self.text(responseAlert),
      "answer_within", Self.text(answerWithin),
      "wrap_up", Self.text(wrapUp),
      "service_level", String(serviceLevel.rawValue),
    ]
  }

  private static func text(_ time: Milliseconds) -> String { time == .zero ? "" : String(time.rawValue) }
}

extension QueueConfiguration.HandleTime {
  fileprivate var configured: Milliseconds {
    switch self {
    case .fixed(let time): time
    case .measured: Self.assumed
    }
  }
}

extension QueueConfiguration.OverflowStep {
  /// `AFTER:GROUP*GROUP:LEVEL:ALERT:BOT`; names have neither `:` nor `*`.
  fileprivate var functionText: String {
    let groups = to.map(\.rawValue).joined(separator: "*")
    let change =
      switch level {
      case .absolute(let level): String(level.rawValue)
      case .relative(let step): step > 0 ? "+\(step)" : String(step)
      case nil: ""
      }
    return "\(after.rawValue):\(groups):\(change):\(alert ? 1 : 0):\(handToBot ? 1 : 0)"
  }
}

extension QueueConfiguration.RelaxStep {
  /// `AFTER:SKILL:MINIMUM:SKILL:MINIMUM`
  fileprivate var functionText: String {
    let minimums = skills.sorted { $0.key < $1.key }.map { ":\($0.key):\($0.value)" }
    return "\(after.rawValue)" + minimums.joined()
  }
}

extension AgentSettings {
  /// The settings as functions take them: capacity, groups, skills, weight, ramp.
  var words: [String] {
    [
      String(capacity), groupsText, skills.map { "\($0.skill):\($0.proficiency)" }.joined(separator: " "),
      String(weight), String(ramp),
    ]
  }

  /// `GROUP:STRATEGY:SKILL:CAPACITY …`, as the agent's record keeps it; `-` is no capacity of its own.
  private var groupsText: String {
    groups.map { membership in
      "\(membership.group):\(membership.strategy.rawValue):\(membership.skill):"
        + (membership.capacity.map(String.init) ?? "-")
    }.joined(separator: " ")
  }
}
