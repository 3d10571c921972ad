extension ConfigurationReader {
  private static let ruleKeys = [
    "name", "who", "what", "when", "where", "how", "sample", "continue", "route",
  ]
  private static let routeKeys = [
    "group", "level", "mode", "tags", "overflow", "prefer", "skills", "weight",
  ]

  func rules(
    _ elements: [Field], groups: [GroupID: Field], schedules: [ScheduleID: Schedule]
  ) -> [RuleConfiguration] {
    var lines: [String: Int] = [:]
    return elements.compactMap { field in
      guard
        let fields = fields(
          field, known: Self.ruleKeys, texts: ["name"],
          expected: "a rule such as {name: vip, who: {vip: true}, route: {level: 9}}")
      else { return nil }
      let name = ruleName(fields, &lines)
      let continues = flag(fields["continue"]) ?? false
      let rule = RuleConfiguration(
        name: name ?? "", who: who(fields["who"]), what: what(fields["what"]),
        when: scheduleCondition(fields["when"], among: schedules), location: location(fields["where"]),
        how: how(fields["how"]), sample: share(fields["sample"]),
        continues: continues,
        route: route(fields, groups, continues: continues))
      return name == nil ? nil : rule
    }
  }

  private func ruleName(_ fields: Fields, _ lines: inout [String: Int]) -> String? {
    guard let field = fields["name"] else {
      report(fields.whole, "the rule has no name; records and samples need one")
      return nil
    }
    guard let name = nonemptyText(field) else { return nil }
    if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      report(field, "the rule's name has a control character; records keep names on one line")
      return nil
    }
    if name.utf8.count > Names.longest {
      report(field, "the rule's name is longer than \(Names.longest) bytes")
      return nil
    }
    if let line = lines.updateValue(field.place.line, forKey: name) {
      report(field, "another rule is called '\(name)' as well, on line \(line)")
    }
    return name
  }

  // MARK: - Conditions

  private func who(_ field: Field?) -> RuleConfiguration.Who {
    var who = RuleConfiguration.Who()
    guard
      let fields = fields(
        field, known: ["level", "vip", "tags", "ids", "attributes"],
        expected: "a mapping such as {level: \">=5\"}")
    else { return who }
    who.level = levelCondition(fields["level"])
    who.vip = flag(fields["vip"])
    who.tags = texts(fields["tags"], expected: "tags such as [new]")
    who.ids = oneOrMore(fields["ids"], expected: "customer ids").compactMap {
      name($0, CustomerID.self, what: "a customer")
    }
    let attributes = entries(fields["attributes"], expected: "a mapping such as {orders: \">=20\"}")
    for (key, field) in attributes ?? [] {
      let conditions = oneOrMore(field, expected: "a value, a list or a comparison").compactMap(
        attributeCondition)
      if !conditions.isEmpty { who.attributes[key] = conditions }
    }
    return who
  }

  private func levelCondition(_ field: Field?) -> NumberCondition? {
    let expected = "a level such as \">=5\", \"3\" or \"2..4\""
    guard let field, let text = scalar(field, expected: expected)?.text else { return nil }
    guard let condition = NumberCondition(text: text) else {
      report(field, "expected \(expected), found \(field.node.inWords)")
      return nil
    }
    guard condition.bounds.allSatisfy({ (0...10).contains($0) && $0 == $0.rounded() }) else {
      report(field, "\(field.node.inWords) is out of range; levels are whole numbers from 0 to 10")
      return nil
    }
    return condition
  }

  private func attributeCondition(_ field: Field) -> RuleConfiguration.AttributeCondition? {
    let expected = "a value or a comparison such as \">=20\" or \"2..4\""
    guard let (text, isPlain) = scalar(field, expected: expected) else { return nil }
    if let comparison = NumberCondition.comparison(text) { return .compares(comparison) }
    if NumberCondition.resemblesComparison(text) {
      report(field, "expected \(expected), found \(field.node.inWords)")
      return nil
    }
    guard isPlain else { return .equals(.text(text)) }
    switch text {
    case "true", "True", "TRUE": return .equals(.flag(true))
    case "false", "False", "FALSE": return .equals(.flag(false))
    // An area code such as 0571 is no number to `decimal`, and stays the text that it is.
    default: return .equals(DecimalText.decimal(text).map { .number($0) } ?? .text(text))
    }
  }

  private func what(_ field: Field?) -> RuleConfiguration.What {
    let fields = fields(
      field, known: ["keywords", "category"], expected: "a mapping such as {keywords: [退款]}")
    return RuleConfiguration.What(
      keywords: texts(fields?["keywords"], expected: "keywords such as [退款]"),
      category: texts(fields?["category"], expected: "categories such as [refund]"))
  }

  private func location(_ field: Field?) -> RuleConfiguration.Location {
    let fields = fields(
      field, known: ["province", "city", "country"], expected: "a mapping such as {province: [江苏]}")
    return RuleConfiguration.Location(
      province: texts(fields?["province"], expected: "provinces such as [江苏]"),
      city: texts(fields?["city"], expected: "cities such as [南京]"),
      country: texts(fields?["country"], expected: "countries such as [中国]"))
  }

  private func how(_ field: Field?) -> RuleConfiguration.How {
    var how = RuleConfiguration.How()
    guard
      let fields = fields(
        field, known: ["channel", "params"], expected: "a mapping such as {channel: [app, wechat]}")
    else { return how }
    how.channel = texts(fields["channel"], expected: "channels such as [app, wechat]")
    for (key, field) in entries(fields["params"], expected: "a mapping such as {source: [spring]}") ?? [] {
      let values = texts(field, expected: "values such as [spring]")
      if !values.isEmpty { how.params[key] = values }
    }
    return how
  }

  // MARK: - Route

  private func route(
    _ rule: Fields, _ groups: [GroupID: Field], continues: Bool
  ) -> RuleConfiguration.Route {
    var route = RuleConfiguration.Route()
    guard let field = rule["route"] else {
      report(rule.whole, "the rule has no route; say what follows from a match")
      return route
    }
    let expected = "a mapping such as {group: presale, level: \"+2\"}"
    guard let fields = fields(field, known: Self.routeKeys, expected: expected) else { return route }
    route.group = reference(fields["group"], to: groups, what: "group")
    route.level = levelChange(fields["level"])
    route.mode = choice(fields["mode"])
    route.tags = texts(fields["tags"], expected: "tags such as [new]")
    route.overflow = groupList(fields["overflow"], groups, expected: "a list of groups")
    route.prefer = choice(fields["prefer"])
    route.skills = skills(fields["skills"], 1...10)
    route.weight = integer(fields["weight"], Self.capacities) ?? 1
    let given = Self.routeKeys.filter { fields[$0] != nil }
    if given.isEmpty { report(field, "the route is empty; expected \(expected)") }
    if continues {
      for key in given where key != "level" && key != "tags" {
        guard let field = fields[key] else { continue }
        problems.report(
          at: field.keyPlace, field.trail, "has no effect beside continue: true; only level and tags have")
      }
    }
    return route
  }
}
