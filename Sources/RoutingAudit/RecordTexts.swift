/// "NAME:NUMBER NAME:NUMBER …"
func numbers(in text: String?) -> [String: Int] {
  var found: [String: Int] = [:]
  for part in (text ?? "").split(separator: " ") {
    let pair = part.split(separator: ":")
    if pair.count == 2, let number = Int(pair[1]) { found[String(pair[0])] = number }
  }
  return found
}

/// "NAME NAME …"
func names(in text: String?) -> [String] { (text ?? "").split(separator: " ").map(String.init) }

/// One level of a waiting list is worth so much of its score: 2^42 ms, level before time.
enum Band {
  static let width = 4_398_046_511_104.0
}
