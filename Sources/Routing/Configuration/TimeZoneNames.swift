import Foundation

/// The IANA time zones, as Foundation knows them.
enum TimeZoneNames {
  /// Whether there is such a zone. Offsets such as `GMT+8` or `UTC+8`, which Foundation takes as well, are no IANA
  /// names, and POSIX reads their sign the other way round.
  static func isKnown(_ name: String) -> Bool {
    if name.hasPrefix("GMT") || name.hasPrefix("UTC") { return name == "GMT" || name == "UTC" }
    guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
    return TimeZone(identifier: name) != nil
  }

  /// Names to suggest.
  static var known: [String] { TimeZone.knownTimeZoneIdentifiers }
}
