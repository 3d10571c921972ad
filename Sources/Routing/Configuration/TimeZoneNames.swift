import Foundation

/// The IANA time zones, as Foundation knows them.
enum TimeZoneNames {
  /// Whether there is such a zone. Offsets such as `GMT+8`, which Foundation takes as well, are not IANA names
  /// with rules of their own, and POSIX reads their sign the other way round.
  static func isKnown(_ name: String) -> Bool {
    guard !name.hasPrefix("GMT") || name == "GMT" else { return false }
    guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
    return TimeZone(identifier: name) != nil
  }

  /// Names to suggest.
  static var known: [String] { TimeZone.knownTimeZoneIdentifiers }
}
