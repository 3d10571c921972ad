import Foundation
import Routing

/// Times as people read them.
enum LocalTime {
  /// `2026-11-21 09:30:05`, in the time zone of this machine.
  static func text(_ moment: Moment) -> String {
    var seconds = time_t(moment.rawValue / 1_000)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { return "\(moment.rawValue) ms" }
    var buffer = [CChar](repeating: 0, count: 40)
    let count = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
    return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
