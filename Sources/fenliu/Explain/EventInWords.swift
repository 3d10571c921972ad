import Routing

/// Where an event that was never pushed would go, in words.
struct EventInWords {
  let lines: [String]

  init(_ event: Event, _ plan: RoutingPlan, at now: Moment) {
    let configuration = plan.configuration
    guard event.shop == configuration.shop else {
      lines = [
        "\(event.typeName): is for shop \(event.shop); the configuration is of shop \(configuration.shop)"
      ]
      return
    }
    if case .reject(let reason) = decide(event, Snapshot(), under: plan, at: now) {
      lines = ["\(event.typeName): would be rejected: \(reason)"]
      return
    }
    guard case .open(let open) = event.kind else {
      lines = [
        "\(event.typeName): where a conversation goes is decided when it is opened; give its conversation.open"
      ]
      return
    }
    lines = Self.lines(open, plan.explain(open, at: now), configuration)
  }

  private static func lines(
    _ open: Event.Open, _ found: OpeningExplanation, _ configuration: ShopConfiguration
  ) -> [String] {
    let routed = found.routed
    var lines = [
      "conversation \(open.conversation), customer \(open.customer.id): level \(found.levelBefore.rawValue)"
    ]
    for step in found.rules {
      switch step.outcome {
      case .matched: lines.append("  rule “\(step.rule)”: matches")
      case .continued: lines.append("  rule “\(step.rule)”: matches, and lets the search go on")
      case .missed(let part): lines.append("  rule “\(step.rule)”: no, its '\(part.rawValue)' does not match")
      }
    }
    if routed.rule == nil { lines.append("  no rule matches: the default holds") }
    lines.append("  group \(routed.group), level \(routed.level.rawValue), mode \(routed.mode.rawValue)")
    if open.group != nil { lines.append("    the gateway asks for this group") }
    if !routed.tags.isEmpty { lines.append("    tags: \(routed.tags.joined(separator: ", "))") }
    if !routed.skills.isEmpty {
      let skills = routed.skills.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      lines.append("    skills asked for: \(skills.joined(separator: ", "))")
    }
    if routed.weight != 1 { lines.append("    weighs \(routed.weight)") }
    if let prefer = routed.prefer { lines.append("    prefers the \(prefer.rawValue)") }
    if !routed.overflow.isEmpty {
      lines.append("    overflows to \(routed.overflow.map(\.rawValue).joined(separator: ", "))")
    }
    for arm in routed.arms {
      lines.append("    trial “\(arm.rule)”: \(arm.isInSample ? "in" : "not in") the sample")
    }
    return lines + reception(found, configuration)
  }

  /// What the hour and the assistant make of it.
  private static func reception(_ found: OpeningExplanation, _ configuration: ShopConfiguration) -> [String] {
    var lines: [String] = []
    let mode = found.routed.mode
    switch mode {
    case .botOnly: return ["  the assistant has it, and no person"]
    case .botFirst where found.assistant != .handoff: lines.append("  the assistant has it first")
    case .botFirst: lines.append("  asks for a person at once")
    case .humanFirst, .humanOnly: break
    }
    if let clock = found.clock {
      if !clock.isOpen { lines.append("  the group is closed at this hour") }
      switch clock.manner {
      case .auto: break
      case .manual: lines.append("  agents of the group take it by hand")
      case .share(let share):
        let percent = Double(share.hundredthsOfPercent) / 100
        lines.append("  \(percent) % of the group's conversations are given out, the rest is taken by hand")
      }
    }
    if case .answer(let line, let text)? = found.assistant, mode == .botFirst {
      lines.append("  the assistant answers (\(line)): \(text)")
    }
    return lines
  }
}
