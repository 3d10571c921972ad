import RoutingAudit

/// Ways to falsify a run.
extension AuditedRun {
  /// The only entry of this kind that writes a text containing `words`.
  func index(_ kind: String, _ words: String = "", reply: String? = nil) throws -> Int {
    let found = entries.indices.filter { index in
      entries[index].kind == kind && (reply == nil || entries[index].reply == reply)
        && (words.isEmpty || entries[index].writes.contains { $0.contains { $0.hasSuffix(words) } })
    }
    guard let first = found.first else { throw NotThere(words: "\(kind) \(words)") }
    return first
  }

  struct NotThere: Error {
    var words: String
  }

  /// Numbers the entries anew, so that what was left out or put in does not show by its number alone.
  mutating func renumber() {
    for index in entries.indices { entries[index].number = Int64(index + 1) }
  }

  /// Lets two entries have taken each other's event.
  mutating func swapEvents(_ one: Int, _ other: Int) {
    let (event, bytes) = (entries[one].event, entries[one].bytes)
    (entries[one].event, entries[one].bytes) = (entries[other].event, entries[other].bytes)
    (entries[other].event, entries[other].bytes) = (event, bytes)
  }

  /// Changes the writes of an entry that have this command and a key with this ending; nil leaves one out.
  mutating func rewrite(
    _ index: Int, _ command: String, _ ending: String, _ change: ([String]) -> [String]?
  ) throws {
    var count = 0
    entries[index].writes = entries[index].writes.compactMap { write in
      guard write[0] == command, write[1].hasSuffix(ending) else { return write }
      count += 1
      return change(write)
    }
    if count == 0 { throw NotThere(words: "\(command) \(ending)") }
  }

  /// Sets a field that an entry writes to a hash.
  mutating func setField(_ index: Int, _ ending: String, _ name: String, _ value: String) throws {
    try rewrite(index, "HSET", ending) { write in
      var write = write
      if let at = write.firstIndex(of: name) { write[at + 1] = value }
      return write
    }
  }

  /// Replaces one name by another in all words of an entry's writes: as a part of a key, or as a whole word.
  mutating func rename(_ index: Int, _ old: String, _ new: String) {
    entries[index].writes = entries[index].writes.map { write in
      write.map { word in
        guard word != old else { return new }
        let isKey = word.hasPrefix(tag)
        return isKey
          ? word.split(separator: ":").map { $0 == old ? new : String($0) }.joined(separator: ":") : word
      }
    }
  }
}
