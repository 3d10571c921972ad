import Foundation

/// A fresh directory with a short path (a Unix socket's may have 107 bytes), which is removed with the object.
public final class TemporaryDirectory: Sendable {
  /// Its absolute path, without a slash at the end.
  public let path: String

  /// Creates it below `/tmp`.
  public init() throws {
    var template = Array("/tmp/fl-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemFailure("mkdtemp", errno) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove() }

  /// The path of something inside.
  public func path(_ name: String) -> String { "\(path)/\(name)" }

  /// Removes it with all that is in it, now.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// A call to the operating system that failed.
public struct SystemFailure: Error, CustomStringConvertible {
  /// The call and the system's text for its error.
  public let description: String

  /// An error from the name of a call and its error number.
  public init(_ call: String, _ code: Int32) { description = "\(call): \(String(cString: strerror(code)))" }
}
