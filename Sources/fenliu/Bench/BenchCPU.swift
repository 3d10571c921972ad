import Foundation
import HiredisClient

/// CPU time used so far.
enum CPUTime {
  /// By the main thread of a Redis server, which runs all commands; in microseconds.
  static func redis(_ connection: isolated RedisConnection) throws -> Double {
    let text = try connection.send("INFO", "cpu").text ?? ""
    var sum = 0.0
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":")
      guard parts.count == 2, let seconds = Double(parts[1]) else { continue }
      if parts[0] == "used_cpu_sys_main_thread" || parts[0] == "used_cpu_user_main_thread" { sum += seconds }
    }
    return sum * 1_000_000
  }

  /// By this process, all threads; in microseconds.
  static var own: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1_000_000 + Double(time.tv_nsec) / 1_000
  }
}
