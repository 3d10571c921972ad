/// A group as `group.lua` reads it.
struct GroupRecord {
  let isRetired: Bool
  let isOpen: Bool
  let version: String?
  /// How it distributes: nil automatically; `manual`; or the share that is automatic, in hundredths of a percent.
  let manner: String?
  let isSweepingOffers: Bool
  let online: Int
  let slots: Int
  let paused: Int
  /// When the number online last changed.
  let changedAt: Int64

  init(_ fields: [String: String]) {
    isRetired = fields["retired"] == "1"
    isOpen = fields["open"] != "0"
    version = fields["version"]
    manner = fields["manner"] == "auto" ? nil : fields["manner"]
    isSweepingOffers = fields["sweep_offers"] != nil
    online = Int(fields["online"] ?? "") ?? 0
    slots = Int(fields["slots"] ?? "") ?? 0
    paused = Int(fields["paused"] ?? "") ?? 0
    changedAt = Int64(fields["changed_at"] ?? "") ?? 0
  }

  /// Whether a conversation is left to agents and supervisors here: all are, or it is outside the share. The lot is the one
  /// of `held_back` in `group.lua`.
  func holdsBack(_ conversation: String) -> Bool {
    guard let manner else { return false }
    guard let share = Int(manner) else { return true }
    var lot = 0
    for byte in conversation.utf8 { lot = (lot * 31 + Int(byte)) % 1_000_003 }
    return (lot * 7_919 % 1_000_003) % 10_000 >= share
  }
}
