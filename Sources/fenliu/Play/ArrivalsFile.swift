import Foundation
import Routing

/// A recorded day: one customer a line, with what a first-come-first-served shop should do with it.
struct ArrivalsFile: Sendable {
  /// A customer of the day.
  struct Arrival: Sendable {
    var id: String
    var arrival: Int64
    var vip: Bool
    var service: Int64
    var patience: Int64?
    /// The wait that the file holds to be right; nil if it has no such column.
    var wait: Int64?
    /// Whether the file says that the customer left before it was served.
    var abandoned: Bool
  }

  /// By time of arrival.
  var arrivals: [Arrival]

  /// Reads a file of comma-separated values with the columns of the first line, in any order: `id`,
  /// `arrival_ms`, `service_ms`, and optionally `vip`, `patience_ms`, `wait_ms`, `outcome`. Others are ignored.
  static func read(_ file: String) throws -> ArrivalsFile {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandFailure("\(file): cannot be read; is the path right?")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure("\(file): is not UTF-8 text")
    }
    return try parse(text, file: file)
  }

  /// Reads the text of such a file.
  static func parse(_ text: String, file: String) throws -> ArrivalsFile {
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    let header = columns(lines.first ?? "")
    var places: [String: Int] = [:]
    for (place, name) in header.enumerated() { places[String(name)] = place }
    for name in ["id", "arrival_ms", "service_ms"] where places[name] == nil {
      throw CommandFailure("\(file):1: the first line names no column \(name)")
    }
    var arrivals: [Arrival] = []
    var seen: Set<String> = []
    for (index, line) in lines.enumerated().dropFirst() where !line.allSatisfy(\.isWhitespace) {
      let row = Row(file: file, line: index + 1, fields: columns(line), places: places)
      guard row.fields.count == header.count else {
        throw row.failure("has \(row.fields.count) fields where the first line has \(header.count)")
      }
      let arrival = try row.arrival()
      guard seen.insert(arrival.id).inserted else { throw row.failure("id \(arrival.id) stands here twice") }
      arrivals.append(arrival)
    }
    guard !arrivals.isEmpty else { throw CommandFailure("\(file): has no customers") }
    arrivals.sort { ($0.arrival, $0.id) < ($1.arrival, $1.id) }
    return ArrivalsFile(arrivals: arrivals)
  }

  private static func columns(_ line: Substring) -> [Substring] {
    line.split(separator: ",", omittingEmptySubsequences: false).map { field in
      var field = field
      while field.first?.isWhitespace ?? false { field.removeFirst() }
      while field.last?.isWhitespace ?? false { field.removeLast() }
      return field
    }
  }

  /// One line, for messages that point at it.
  private struct Row {
    var file: String
    var line: Int
    var fields: [Substring]
    var places: [String: Int]

    func failure(_ problem: String) -> CommandFailure { CommandFailure("\(file):\(line): \(problem)") }

    func text(_ name: String) -> Substring { places[name].map { fields[$0] } ?? "" }

    func milliseconds(_ name: String) throws -> Int64? {
      let text = text(name)
      guard !text.isEmpty else { return nil }
      // A week is far more than a day and far less than what overflows.
      guard let number = Int64(text), (0...604_800_000).contains(number) else {
        throw failure("\(name) is '\(text)', expected milliseconds from 0 to 604800000")
      }
      return number
    }

    func required(_ name: String) throws -> Int64 {
      guard let number = try milliseconds(name) else { throw failure("\(name) is empty") }
      return number
    }

    func arrival() throws -> Arrival {
      let id = String(text("id"))
      if let problem = Names.problem(in: id) { throw failure("id \(problem)") }
      guard id.utf8.count <= 64 else { throw failure("id is longer than 64 bytes") }
      let vip = text("vip")
      guard ["", "0", "1"].contains(vip) else { throw failure("vip is '\(vip)', expected 0 or 1") }
      return Arrival(
        id: id, arrival: try required("arrival_ms"), vip: vip == "1", service: try required("service_ms"),
        patience: try milliseconds("patience_ms"), wait: try milliseconds("wait_ms"),
        abandoned: text("outcome").hasPrefix("abandon"))
    }
  }
}
