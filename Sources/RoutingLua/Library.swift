#if canImport(Glibc)
  import Glibc
#endif

/// A Redis function library: its name and its whole source text, ready for `FUNCTION LOAD`.
public struct LuaLibrary: Sendable, Equatable {
  /// The name that Redis knows the library by.
  public let name: String
  /// The source, beginning with `#!lua name=…`.
  public let code: String
  /// Which file each line of `code` comes from: the first line of each file, in order.
  public let files: [(name: String, firstLine: Int)]

  /// The file and the line in it that line `line` (from 1) of the joined source comes from; Redis names
  /// the joined line in its errors.
  public func origin(ofLine line: Int) -> (file: String, line: Int)? {
    guard let file = files.last(where: { $0.firstLine <= line }) else { return nil }
    return (file.name, line - file.firstLine + 1)
  }

  /// Libraries are equal when their texts are.
  public static func == (left: LuaLibrary, right: LuaLibrary) -> Bool { left.code == right.code }

  /// What workers call, under a name with the hash of its content: versions live side by side, so nothing
  /// is ever replaced under a running worker, and a rollback is starting the old one.
  public static let work: LuaLibrary = {
    let files: [(String, [UInt8])] = [
      ("prelude.lua", PackageResources.prelude_lua),
      ("audit.lua", PackageResources.audit_lua),
      ("context.lua", PackageResources.context_lua),
      ("fold.lua", PackageResources.fold_lua),
      ("facts.lua", PackageResources.facts_lua),
      ("commit.lua", PackageResources.commit_lua),
      ("agent.lua", PackageResources.agent_lua),
      ("group.lua", PackageResources.group_lua),
      ("conversation.lua", PackageResources.conversation_lua),
      ("queue.lua", PackageResources.queue_lua),
      ("choose.lua", PackageResources.choose_lua),
      ("placement.lua", PackageResources.placement_lua),
      ("seek.lua", PackageResources.seek_lua),
      ("ending.lua", PackageResources.ending_lua),
      ("assistant.lua", PackageResources.assistant_lua),
      ("shortcut.lua", PackageResources.shortcut_lua),
      ("shortcut_open.lua", PackageResources.shortcut_open_lua),
      ("shortcut_close.lua", PackageResources.shortcut_close_lua),
      ("conversation_open.lua", PackageResources.conversation_open_lua),
      ("conversation_handoff.lua", PackageResources.conversation_handoff_lua),
      ("conversation_transfer.lua", PackageResources.conversation_transfer_lua),
      ("conversation_talk.lua", PackageResources.conversation_talk_lua),
      ("conversation_close.lua", PackageResources.conversation_close_lua),
      ("conversation_context.lua", PackageResources.conversation_context_lua),
      ("agent_status.lua", PackageResources.agent_status_lua),
      ("customer.lua", PackageResources.customer_lua),
      ("emergency.lua", PackageResources.emergency_lua),
      ("event_reject.lua", PackageResources.event_reject_lua),
      ("lease.lua", PackageResources.lease_lua),
      ("generation.lua", PackageResources.generation_lua),
      ("held.lua", PackageResources.held_lua),
      ("config.lua", PackageResources.config_lua),
      ("timer_wait.lua", PackageResources.timer_wait_lua),
      ("timer_group.lua", PackageResources.timer_group_lua),
      ("timer_active.lua", PackageResources.timer_active_lua),
      ("tick.lua", PackageResources.tick_lua),
      ("register.lua", PackageResources.register_lua),
    ]
    // A test hook: a comment more makes another text, and so another name, as another version has.
    let note = getenv("FENLIU_TEST_LIBRARY_NOTE").map {
      "-- \(String(cString: $0).filter { !$0.isNewline })\n"
    }
    let versioned = files + (note.map { [("note.lua", Array($0.utf8))] } ?? [])
    let hash = ContentHash.hex8(of: versioned.map(\.1))
    return LuaLibrary(name: "fl_\(hash)", files: versioned)
  }()

  /// Plain names, for people at `redis-cli` and for gateways.
  public static let people = LuaLibrary(
    name: "fl",
    files: [
      ("prelude.lua", PackageResources.prelude_lua),
      ("people_read.lua", PackageResources.people_read_lua),
      ("people_check.lua", PackageResources.people_check_lua),
      ("people_push.lua", PackageResources.people_push_lua),
      ("people_register.lua", PackageResources.people_register_lua),
    ])

  private init(name: String, files: [(String, [UInt8])]) {
    var code = "#!lua name=\(name)\nlocal LIBRARY = '\(name)'\n"
    var line = 3
    var origins: [(name: String, firstLine: Int)] = []
    for (file, bytes) in files {
      origins.append((file, line))
      let text = String(decoding: bytes, as: UTF8.self)
      code += text
      line += text.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    self.name = name
    self.code = code
    self.files = origins
  }
}

/// FNV-1a, 32 bits: enough to tell versions of one text apart, the same on every platform.
enum ContentHash {
  static func hex8(of texts: [[UInt8]]) -> String {
    var hash: UInt32 = 2_166_136_261
    for text in texts {
      for byte in text { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    }
    let hex = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - hex.count) + hex
  }
}
