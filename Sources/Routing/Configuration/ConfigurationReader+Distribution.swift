extension ConfigurationReader {
  /// `auto`, `manual`, `{auto: 80%}`, or a mapping from schedules to one of these with `otherwise`.
  func distribution(_ field: Field?, _ schedules: [ScheduleID: Schedule]) -> Distribution? {
    guard let field else { return nil }
    guard case .mapping(let entries) = field.node.content, !entries.contains(where: { $0.key == "auto" })
    else { return manner(field).map { Distribution(otherwise: $0) } }
    var distribution = Distribution()
    var hasOtherwise = false
    for (key, value) in self.entries(field, expected: "a mapping") ?? [] {
      if key == "otherwise" {
        hasOtherwise = true
        distribution.otherwise = manner(value) ?? .auto
        continue
      }
      let id = ScheduleID(unchecked: key)
      guard schedules[id] != nil else {
        let words = schedules.keys.map(\.rawValue).sorted() + ["auto", "otherwise"]
        problems.report(
          at: value.keyPlace, value.trail, "there is no such schedule: '\(key)'",
          suggestion: nearest(to: key, among: words))
        continue
      }
      guard let manner = manner(value) else { continue }
      distribution.bySchedule.append(.init(schedule: id, manner: manner))
    }
    if !hasOtherwise { report(field, "the mapping has no 'otherwise'; say what holds outside the schedules") }
    return distribution
  }

  private func manner(_ field: Field) -> Distribution.Manner? {
    let expected = "auto, manual or a share such as {auto: 80%}"
    if case .mapping = field.node.content {
      guard let fields = fields(field, known: ["auto"], expected: expected), let auto = fields["auto"]
      else {
        report(field, "expected \(expected)")
        return nil
      }
      return share(auto).map { .share($0) }
    }
    guard let text = scalar(field, expected: expected)?.text else { return nil }
    switch text {
    case "auto": return .auto
    case "manual": return .manual
    default:
      report(
        field, "expected \(expected), found \(field.node.inWords)",
        suggestion: nearest(to: text, among: ["auto", "manual"]))
      return nil
    }
  }

  /// A share in percent, `30%`.
  func share(_ field: Field?) -> Share? {
    let expected = "a share such as 30%, from 0% to 100%"
    guard let field, let text = scalar(field, expected: expected)?.text else { return nil }
    if let share = Share(text: text) { return share }
    let suggestion = DecimalText.isDigits(text) && Share(text: text + "%") != nil ? text + "%" : nil
    report(field, "expected \(expected), found \(field.node.inWords)", suggestion: suggestion)
    return nil
  }
}
