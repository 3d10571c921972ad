extension ConfigurationReader {
  func texts(_ field: Field?) -> ShopTexts {
    var texts = ShopTexts()
    let known = [
      "greeting", "busy", "busy_hidden", "off_hours", "idle", "emergency", "survey", "no_agent",
    ]
    guard
      let fields = fields(
        field, known: known, texts: Set(known),
        expected: "a mapping of texts such as {greeting: 您好}")
    else { return texts }
    texts.greeting = text(fields["greeting"]) ?? texts.greeting
    texts.busy = text(fields["busy"]) ?? texts.busy
    texts.busyHidden = text(fields["busy_hidden"]) ?? texts.busyHidden
    texts.offHours = text(fields["off_hours"]) ?? texts.offHours
    texts.idle = text(fields["idle"]) ?? texts.idle
    texts.emergency = text(fields["emergency"]) ?? texts.emergency
    texts.survey = text(fields["survey"]) ?? texts.survey
    texts.noAgent = text(fields["no_agent"]) ?? texts.noAgent
    return texts
  }

  func assistant(_ field: Field?) -> AssistantConfiguration {
    var assistant = AssistantConfiguration()
    guard
      let fields = fields(
        field, known: ["greeting", "handoff", "max_misses", "answers", "gateway"],
        texts: ["greeting"],
        expected: "a mapping such as {max_misses: 2}")
    else { return assistant }
    assistant.greeting = text(fields["greeting"]) ?? assistant.greeting
    if let handoff = fields["handoff"] {
      assistant.handoff = texts(handoff, expected: "words such as [人工]")
    }
    assistant.maxMisses = integer(fields["max_misses"], 1...100) ?? assistant.maxMisses
    assistant.gateway = name(fields["gateway"], what: "a gateway")
    let lines = entries(fields["answers"], expected: "a mapping from product lines to lists of answers")
    assistant.answers = (lines ?? []).map { key, field in
      let answers = elements(field, expected: "a list of answers such as {keywords: [物流], text: …}") ?? []
      return AssistantConfiguration.ProductLine(name: key, answers: answers.compactMap(answer))
    }
    return assistant
  }

  private func answer(_ field: Field) -> AssistantConfiguration.Answer? {
    guard
      let fields = fields(
        field, known: ["keywords", "text"], texts: ["text"],
        expected: "an answer such as {keywords: [物流], text: …}")
    else { return nil }
    for key in ["keywords", "text"] where fields[key] == nil { report(field, "the answer has no '\(key)'") }
    let keywords = texts(fields["keywords"], expected: "keywords such as [物流]")
    guard let text = nonemptyText(fields["text"]), !keywords.isEmpty else { return nil }
    return AssistantConfiguration.Answer(keywords: keywords, text: text)
  }
}
