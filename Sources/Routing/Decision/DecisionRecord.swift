import Foundation

/// One decision about a conversation, as its record keeps it (routing, "Why"): in the fields `why1`, `why2` …, oldest first.
/// A field that begins with a space goes on with the decision of the one before; one without a time was made when the
/// conversation was opened (`opened_at`).
///
///     1790000000000 v=12 group=presale step=group agent=li dedicated=offline online=3 paused=1 … rule=退款投诉
public struct DecisionRecord: Sendable, Equatable {
  /// When it was made.
  public var at: Moment
  /// The configuration version that it was made under.
  public var version: Int64
  /// The group in question.
  public var group: GroupID
  /// What it came to: a reason of `conversation.assigned`, or `queue` `waits_for` `manual` `off_hours` `bot` `assistant`
  /// `rejected` `overdue` `rule`.
  public var step: String
  /// The agent chosen or waited for.
  public var agent: AgentID?
  /// What earlier steps found, in order: `requested`, `dedicated` or `returning` with a word such as `offline`, `full`,
  /// `avoided` or `unskilled`.
  public var found: [(step: String, what: String)]
  /// How the group stood, where it was looked at.
  public var staff: Staff?
  /// The rule that matched; nil where none did.
  public var rule: String?

  /// How a group's agents stood.
  public struct Staff: Sendable, Equatable {
    /// How many were online.
    public var online: Int
    /// How many were paused.
    public var paused: Int
    /// How many of those configured were offline.
    public var offline: Int
    /// How many of those online could take one more.
    public var ready: Int
    /// How many of these were passed over: excluded, rated badly, lacking a skill, or without room for so much.
    public var skipped: Int
  }

  /// Equal when everything is.
  public static func == (left: DecisionRecord, right: DecisionRecord) -> Bool {
    (left.at, left.version, left.group, left.step, left.agent, left.rule)
      == (right.at, right.version, right.group, right.step, right.agent, right.rule)
      && left.staff == right.staff
      && left.found.elementsEqual(right.found, by: ==)
  }

  /// Reads the decisions in a conversation's record; those that are none, from a foreign hand, are left out.
  public static func read(_ fields: [String: String]) -> [DecisionRecord] {
    lines(in: fields).compactMap { DecisionRecord(line: $0[...]) }
  }

  /// The decisions in a conversation's record as they were written, one line for each, all with their time.
  public static func lines(in fields: [String: String]) -> [String] {
    var lines: [String] = []
    var number = 1
    while let field = fields["why\(number)"] {
      if field.hasPrefix(" "), !lines.isEmpty {
        lines[lines.count - 1] += field
      } else {
        let opened = fields["opened_at"].map { $0 + " " } ?? ""
        lines.append(field.hasPrefix("v=") ? opened + field : field)
      }
      number += 1
    }
    return lines
  }

  /// Reads one line; nil if it is none.
  init?(line: Substring) {
    var text = line
    rule = nil
    // The rule's name may hold spaces and so goes to the end of the line.
    if let mark = text.range(of: " rule=") {
      rule = String(text[mark.upperBound...])
      text = text[..<mark.lowerBound]
    }
    let words = text.split(separator: " ")
    guard let time = words.first.flatMap({ Int64($0) }) else { return nil }
    var values: [String: String] = [:]
    found = []
    for word in words.dropFirst() {
      guard let sign = word.firstIndex(of: "=") else { return nil }
      let (name, value) = (String(word[..<sign]), String(word[word.index(after: sign)...]))
      if ["requested", "dedicated", "returning"].contains(name) {
        found.append((name, value))
      } else {
        values[name] = value
      }
    }
    guard let version = values["v"].flatMap({ Int64($0) }), let group = values["group"],
      let step = values["step"]
    else { return nil }
    at = Moment(time)
    self.version = version
    self.group = GroupID(unchecked: group)
    self.step = step
    agent = values["agent"].map { AgentID(unchecked: $0) }
    func count(_ name: String) -> Int { values[name].flatMap { Int($0) } ?? 0 }
    if values["online"] != nil {
      staff = Staff(
        online: count("online"), paused: count("paused"), offline: count("offline"), ready: count("ready"),
        skipped: count("skipped"))
    }
  }
}
