/// Why an opening would go where it goes, before anybody's presence counts (routing, "Why").
public struct OpeningExplanation: Sendable, Equatable {
  /// The level before any rule.
  public var levelBefore: Level
  /// Each rule that was looked at, up to the one that decided.
  public var rules: [RuleStep]
  /// What they come to.
  public var routed: RoutedRequest
  /// What of the clock concerns the group; nil where a rule names one that is not there.
  public var clock: GroupClock?
  /// What the built-in assistant would make of the text; nil without one.
  public var assistant: AssistantPlan.Reply?
}

extension RoutingPlan {
  /// Explains an opening of a customer of whom nothing is stored.
  public func explain(_ open: Event.Open, at now: Moment) -> OpeningExplanation {
    let level = configuration.levels.level(of: open.customer, stored: nil, params: open.params)
    let request = RoutingRequest(
      customer: CustomerProfile(told: open.customer, stored: nil), level: level, channel: open.channel,
      category: open.category, params: open.params, texts: open.text.map { [GatheredTexts.kept($0)] } ?? [],
      group: open.group)
    let routed = route(request, at: now)
    return OpeningExplanation(
      levelBefore: level, rules: rules.trace(request) { clock.isOpen($0, at: now) }, routed: routed,
      clock: clock(of: routed.group, at: now),
      assistant: open.text.map { assistant.reply(to: $0, category: open.category) })
  }
}
