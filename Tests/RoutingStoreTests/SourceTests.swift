import Foundation
import RoutingLua
import Testing

/// Rules about the source itself.
@Suite struct SourceTests {
  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Sources")

  private static func texts(_ folder: String, _ ending: String) throws -> [(name: String, text: String)] {
    let files = try FileManager.default.contentsOfDirectory(
      at: sources.appendingPathComponent(folder), includingPropertiesForKeys: nil)
    return try files.filter { $0.pathExtension == ending }.map { file in
      (file.lastPathComponent, try String(contentsOf: file, encoding: .utf8))
    }
  }

  @Test func everyLuaFileOpensWithACommentThatNamesIt() throws {
    let files = try Self.texts("RoutingLua/Lua", "lua")
    #expect(files.count > 15)
    for (name, text) in files {
      let stem = name.replacingOccurrences(of: ".lua", with: "")
      #expect(text.hasPrefix("-- \(stem): "), "\(name)")
    }
  }

  @Test func everyLuaFileIsPartOfALibrary() throws {
    let embedded = Set(LuaLibrary.work.files.map(\.name) + LuaLibrary.people.files.map(\.name))
    #expect(try Set(Self.texts("RoutingLua/Lua", "lua").map(\.name)) == embedded)
  }

  /// In Lua a key is spelled from the shard's or the shop's base, `b .. '…'` or `p .. '…'`.
  @Test func keysAreSpelledInOnePlaceForEachLanguage() throws {
    for (name, text) in try Self.texts("RoutingLua/Lua", "lua") where name != "prelude.lua" {
      #expect(text.firstRange(of: /\b(ctx\.)?[bp] \.\. ['"]/) == nil, "\(name)")
      #expect(text.firstRange(of: /['"]fl:/) == nil, "\(name)")
    }
    for folder in ["RoutingStore", "RouterWorker"] {
      for (name, text) in try Self.texts(folder, "swift") where name != "Keys.swift" {
        for line in text.split(separator: "\n") where !line.contains("//") {
          #expect(
            line.firstRange(of: /"[^"]*(fl:|:in:|:out:|:lease:|:conv:|:agent:|:wait:|:ready:|:customer:)/)
              == nil,
            "\(name): \(line)")
        }
      }
    }
  }
}
