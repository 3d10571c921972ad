import Foundation

/// Lines from a file, a pipe or a terminal, as they come, in memory that does not grow with the input.
struct PushInput {
  /// What is next.
  enum Item {
    /// A line without its end.
    case line([UInt8])
    /// A line of more than ``longestLine`` bytes, which was skipped.
    case tooLong
    /// Nothing for now.
    case notYet
    /// The end.
    case end
  }

  /// Far above the longest event that the router takes.
  static let longestLine = 1 << 20
  private static let chunk = 128 * 1024

  /// How messages name it.
  let name: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Where the unread part of the buffer begins, and up to where it holds no line end.
  private var start = 0
  private var searched = 0
  private var isSkipping = false
  private var isAtEnd = false

  /// Opens a file; standard input for nil and `-`.
  init(_ file: String?) throws {
    if let file, file != "-" {
      descriptor = open(file, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        throw CommandFailure("\(file): cannot be read: \(String(cString: strerror(errno)))")
      }
      name = file
    } else {
      descriptor = STDIN_FILENO
      name = "standard input"
    }
  }

  /// Whether a person types it.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The next line. If it has not come yet, it is waited for only if `mayWait`.
  mutating func next(mayWait: Bool) throws -> Item {
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer {
          start = end + 1
          searched = start
        }
        if isSkipping {
          isSkipping = false
          return .tooLong
        }
        return .line(trimmed(buffer[start..<end]))
      }
      searched = buffer.count
      if isAtEnd { return lastItem() }
      if buffer.count - start > Self.longestLine {
        isSkipping = true
        start = buffer.count
      }
      if !mayWait, try !isReadable(within: 0) { return .notYet }
      try fill()
    }
  }

  /// What stands behind the last line end.
  private mutating func lastItem() -> Item {
    defer {
      start = buffer.count
      isSkipping = false
    }
    if isSkipping { return .tooLong }
    return start < buffer.count ? .line(trimmed(buffer[start...])) : .end
  }

  private func trimmed(_ line: ArraySlice<UInt8>) -> [UInt8] {
    Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
  }

  private func isReadable(within milliseconds: Int32) throws -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&waiting, 1, milliseconds)
    if count < 0, errno != EINTR { throw failure() }
    return count > 0
  }

  /// Reads more; sets `isAtEnd` at the end.
  private mutating func fill() throws {
    buffer.removeSubrange(..<start)
    searched -= start
    start = 0
    let old = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: Self.chunk))
    var count = 0
    repeat {
      count = buffer.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress?.advanced(by: old), Self.chunk)
      }
      if count < 0, errno == EAGAIN { _ = try isReadable(within: -1) }
    } while count < 0 && (errno == EINTR || errno == EAGAIN)
    guard count >= 0 else { throw failure() }
    buffer.removeLast(Self.chunk - count)
    isAtEnd = count == 0
  }

  private func failure() -> CommandFailure {
    CommandFailure("\(name): cannot be read: \(String(cString: strerror(errno)))")
  }
}
