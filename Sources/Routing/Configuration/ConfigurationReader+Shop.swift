extension ConfigurationReader {
  private static let shopKeys = [
    "shop", "timezone", "schedules", "levels", "default", "return", "dedicated", "bad_rating",
    "capacity_scope",
    "offline_grace", "heartbeat", "survey", "supervisor", "emergency", "texts", "assistant", "group_defaults",
    "groups", "agents", "rules", "retention",
  ]
  private static let mostRules = 20_000
  private static let mostAgents = 200_000

  /// The whole shop, or nil when something without which there is none is missing. Only worth anything when no
  /// problem was reported.
  func shop(_ root: ConfigurationNode) -> ShopConfiguration? {
    let whole = Field(node: root, trail: .root, keyPlace: .start)
    let known = Self.shopKeys
    guard let fields = fields(whole, known: known, expected: "a mapping with the keys shop and groups")
    else { return nil }
    guard isOfAcceptableSize(fields) else { return nil }

    let id: ShopID? = name(fields["shop"], what: "a shop")
    if fields["shop"] == nil { report(whole, "the key 'shop' is missing; give the shop's id") }
    let schedules = schedules(fields["schedules"])
    let (groups, defaults) = groups(fields, schedules)
    guard let first = groups.first else { return nil }
    let byID = Dictionary(groups.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

    let placeholder = ShopID(unchecked: "shop")
    var shop = ShopConfiguration(shop: id ?? placeholder, groups: groups, defaultGroup: first.id)
    shop.schedules = schedules
    shop.notes.scheduleLines = scheduleLines(fields)
    readBehaviour(fields, into: &shop)
    for (key, field) in entries(fields["agents"], expected: "a mapping of agents by id") ?? [] {
      guard let id = name(ofKey: key, field, AgentID.self, what: "an agent") else { continue }
      shop.agents[id] = agent(id, field, groups: byID, defaultCapacity: defaults.capacity)
      shop.notes.agentLines[id] = field.keyPlace.line
    }
    let fieldsOfGroups = groupFields(fields)
    for (id, field) in fieldsOfGroups { shop.notes.groupLines[id] = field.keyPlace.line }
    let rules = elements(fields["rules"], expected: "a list of rules") ?? []
    shop.rules = self.rules(rules, groups: fieldsOfGroups, schedules: schedules)
    shop.notes.ruleLines = rules.map(\.keyPlace.line)
    return id == nil ? nil : shop
  }

  /// Refuses by size before anything is read one by one.
  private func isOfAcceptableSize(_ fields: Fields) -> Bool {
    var isAcceptable = true
    if let rules = fields["rules"], case .list(let nodes) = rules.node.content, nodes.count > Self.mostRules {
      report(rules, "\(nodes.count) rules; a shop has at most \(Self.mostRules)")
      isAcceptable = false
    }
    if let agents = fields["agents"], case .mapping(let entries) = agents.node.content,
      entries.count > Self.mostAgents
    {
      report(agents, "\(entries.count) agents; a shop has at most \(Self.mostAgents)")
      isAcceptable = false
    }
    return isAcceptable
  }

  // MARK: - Groups

  private func groups(
    _ fields: Fields, _ schedules: [ScheduleID: Schedule]
  ) -> (groups: [GroupConfiguration], defaults: GroupConfiguration) {
    let named = groupFields(fields)
    var defaults = GroupConfiguration(id: GroupID(unchecked: "group_defaults"))
    if let field = fields["group_defaults"] {
      defaults = group(field, base: defaults, groups: named, schedules: schedules)
    }
    let entries = entries(fields["groups"], expected: "a mapping of groups by id")
    if fields["groups"] == nil || entries?.isEmpty == true {
      report(fields["groups"] ?? fields.whole, "a shop needs at least one group, as groups: {presale: {}}")
    }
    let hasCommonName = fields["group_defaults"] != nil && defaults.name != defaults.id.rawValue
    let groups = (entries ?? []).compactMap { key, field -> GroupConfiguration? in
      guard let id = name(ofKey: key, field, GroupID.self, what: "a group") else { return nil }
      var base = defaults
      base.id = id
      if !hasCommonName { base.name = id.rawValue }
      return group(field, base: base, groups: named, schedules: schedules)
    }
    return (groups, defaults)
  }

  private func scheduleLines(_ fields: Fields) -> [ScheduleID: Int] {
    guard case .mapping(let entries)? = fields["schedules"]?.node.content else { return [:] }
    return Dictionary(
      entries.map { (ScheduleID(unchecked: $0.key), $0.place.line) }, uniquingKeysWith: { first, _ in first })
  }

  /// The groups by id before they are read, since they refer to each other.
  private func groupFields(_ fields: Fields) -> [GroupID: Field] {
    guard let groups = fields["groups"], case .mapping = groups.node.content else { return [:] }
    let entries = entries(groups, expected: "") ?? []
    return Dictionary(
      entries.map { (GroupID(unchecked: $0.key), $0.field) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: - Everything of the shop as a whole

  private func readBehaviour(_ fields: Fields, into shop: inout ShopConfiguration) {
    shop.timezone = timezone(fields["timezone"]) ?? shop.timezone
    if let levels = self.fields(
      fields["levels"], known: ["source", "param", "vip"], expected: "a mapping such as {source: attribute}")
    {
      shop.levels.source = choice(levels["source"]) ?? shop.levels.source
      shop.levels.param = nonemptyText(levels["param"]) ?? shop.levels.param
      shop.levels.vip = integer(levels["vip"], 0...10).map { Level(clamping: $0) } ?? shop.levels.vip
    }
    if let initial = self.fields(
      fields["default"], known: ["group", "mode"], expected: "a mapping such as {mode: human-first}")
    {
      shop.defaultGroup = reference(initial["group"], to: shop.groups, what: "group") ?? shop.defaultGroup
      shop.defaultMode = choice(initial["mode"]) ?? shop.defaultMode
    }
    if let returning = self.fields(
      fields["return"], known: ["window", "over_capacity"], expected: "a mapping such as {window: 30m}")
    {
      shop.returning.window = duration(returning["window"]) ?? shop.returning.window
      shop.returning.overCapacity = choice(returning["over_capacity"]) ?? shop.returning.overCapacity
    }
    let dedicated = self.fields(
      fields["dedicated"], known: ["wait"], expected: "a mapping such as {wait: 60s}")
    shop.dedicatedWait = duration(dedicated?["wait"]) ?? shop.dedicatedWait
    shop.badRating = integer(fields["bad_rating"], 0...5) ?? shop.badRating
    shop.capacityScope = choice(fields["capacity_scope"]) ?? shop.capacityScope
    shop.offlineGrace = duration(fields["offline_grace"]) ?? shop.offlineGrace
    shop.heartbeat = duration(fields["heartbeat"]) ?? shop.heartbeat
    let survey = self.fields(fields["survey"], known: ["window"], expected: "a mapping such as {window: 24h}")
    shop.surveyWindow = duration(survey?["window"], zero: false)
    let supervisor = self.fields(
      fields["supervisor"], known: ["gateway"], expected: "a mapping such as {gateway: desk}")
    shop.supervisorGateway = name(supervisor?["gateway"], what: "a gateway")
    if let emergency = self.fields(
      fields["emergency"], known: ["notice", "mode", "group"], texts: ["notice"],
      expected: "a mapping such as {mode: bot-only}")
    {
      shop.emergency.notice = nonemptyText(emergency["notice"])
      shop.emergency.mode = choice(emergency["mode"])
      shop.emergency.group = reference(emergency["group"], to: shop.groups, what: "group")
    }
    shop.texts = texts(fields["texts"])
    shop.assistant = assistant(fields["assistant"])
    if let retention = self.fields(
      fields["retention"], known: ["conversations", "customers", "statistics"],
      expected: "a mapping such as {conversations: 1d}")
    {
      let kept = shop.retention
      shop.retention.conversations = duration(retention["conversations"], zero: false) ?? kept.conversations
      shop.retention.customers = duration(retention["customers"], zero: false) ?? kept.customers
      shop.retention.statistics = duration(retention["statistics"], zero: false) ?? kept.statistics
    }
  }

  private func timezone(_ field: Field?) -> String? {
    guard let field, let text = scalar(field, expected: "a time zone such as Asia/Shanghai")?.text
    else { return nil }
    if TimeZoneNames.isKnown(text) { return text }
    report(
      field, "there is no such time zone: \(field.node.inWords); expected an IANA name such as Asia/Shanghai",
      suggestion: nearest(to: text, among: TimeZoneNames.known))
    return nil
  }
}
