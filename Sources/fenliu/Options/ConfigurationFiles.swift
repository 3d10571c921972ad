import ArgumentParser
import Foundation
import Routing

/// Configuration files named on the command line.
enum ConfigurationFiles {
  /// A file that was read and is valid.
  struct Valid {
    var file: String
    var text: String
    var configuration: ShopConfiguration
  }

  /// Reads and checks all files; throws every problem of all of them together.
  static func read(_ files: [String]) throws -> [Valid] {
    var valid: [Valid] = []
    var problems: [String] = []
    for file in files {
      do {
        valid.append(try parse(file))
      } catch {
        problems.append("\(error)")
      }
    }
    guard problems.isEmpty else { throw CommandFailure(problems.joined(separator: "\n")) }
    return valid
  }

  /// Reads and checks one file.
  static func parse(_ file: String) throws -> Valid {
    let text = try read(file)
    return Valid(file: file, text: text, configuration: try ShopConfiguration.parse(text, file: file))
  }

  private static func read(_ file: String) throws -> String {
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandFailure("\(file): cannot be read; is the path right?")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure("\(file): is not UTF-8 text")
    }
    return text
  }
}

/// A failure with a reason for the user: exit status 1.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
