public import HiredisClient
import RoutingLua

/// The names of the functions in Redis, and the libraries that hold them.
public enum Functions {
  /// What workers call. Its name carries the hash of its content.
  public static let work = RedisLibrary(name: LuaLibrary.work.name, code: LuaLibrary.work.code)
  /// Plain names, for people at `redis-cli` and for gateways.
  public static let people = RedisLibrary(name: LuaLibrary.people.name, code: LuaLibrary.people.code)

  static let memberBeat = name("member_beat")
  static let memberDrop = name("member_drop")
  static let memberLeave = name("member_leave")
  static let leaseTake = name("lease_take")
  static let leaseRelease = name("lease_release")
  static let leaseAttempt = name("lease_attempt")
  static let generationSettle = name("generation_settle")
  static let outboxRelease = name("outbox_release")
  static let durabilitySettle = name("durability_settle")
  static let commit = name("commit")
  static let conversationContext = name("conversation_context")
  static let factsFold = name("facts_fold")
  static let factsCount = name("facts_count")
  static let configPrepare = name("config_prepare")
  static let configApply = name("config_apply")
  static let configSettled = name("config_settled")
  static let groupConfigure = name("group_configure")
  static let groupRetire = name("group_retire")
  static let agentConfigure = name("agent_configure")
  static let tick = name("tick")

  private static func name(_ function: String) -> String { "\(LuaLibrary.work.name)_\(function)" }

  /// Makes both libraries known to the server of `connection`. Ours are added beside those of other versions;
  /// the plain names are replaced when their text differs, so that people see the newest program's.
  public static func load(on connection: isolated RedisConnection) throws(RedisError) {
    try connection.load(work)
    let listed = try connection.send("FUNCTION", "LIST", "LIBRARYNAME", people.name, "WITHCODE")
    let texts = listed.array?.first?.array?.compactMap(\.text) ?? []
    if !texts.contains(people.code) { try connection.load(people, replace: true) }
    connection.library = work
  }

  /// The same for a user who perhaps may not load functions, and then relies on those that others have loaded.
  public static func loadIfAllowed(on connection: isolated RedisConnection) throws(RedisError) {
    do throws(RedisError) {
      try load(on: connection)
    } catch .server(let refusal) where refusal.kind == .noPermission {
      return
    }
  }
}
