public import HiredisClient

/// Settings of a Redis server with which Fenliu's guarantees do not hold, or hold less than they could.
public struct ServerRisk: Sendable, Equatable, CustomStringConvertible {
  /// The setting, as `redis.conf` names it.
  public var setting: String
  /// What is risky and what to set instead, in one line.
  public var description: String
}

/// Looks at a server's settings; `deploy/redis.conf` has those that Fenliu needs.
public enum ServerRisks {
  /// What is risky about the server's settings. Empty as well when the user may not read them.
  public static func read(
    _ durability: Durability? = nil, on connection: isolated RedisConnection
  ) throws(RedisError) -> [ServerRisk] {
    do throws(RedisError) {
      let names = [
        "maxmemory-policy", "appendonly", "appendfsync", "maxmemory", "maxclients", "timeout",
        "no-appendfsync-on-rewrite", "min-replicas-to-write",
      ]
      let reply = try connection.send(["CONFIG", "GET"] + names)
      var settings: [String: String] = [:]
      let pairs = reply.array ?? []
      for index in stride(from: 0, to: pairs.count - 1, by: 2) {
        if let name = pairs[index].text { settings[name] = pairs[index + 1].text }
      }
      return judge(settings, mayFailOver: connection.endpoint.mayFailOver, durability: durability)
    } catch .server(let error) where error.kind == .noPermission {
      return []
    }
  }

  /// What is risky about these settings, by their names in `redis.conf`; `mayFailOver` is whether a replica may take
  /// the server's place, `durability` what was chosen.
  public static func judge(
    _ settings: [String: String], mayFailOver: Bool = false, durability: Durability? = nil
  ) -> [ServerRisk] {
    var risks: [ServerRisk] = []
    func warn(_ setting: String, _ text: String) {
      risks.append(ServerRisk(setting: setting, description: text))
    }
    if let policy = settings["maxmemory-policy"], policy != "noeviction" {
      warn(
        "maxmemory-policy",
        "maxmemory-policy is \(policy): when memory is short Redis would delete conversations; set it to noeviction"
      )
    }
    if settings["appendonly"] == "no" {
      warn(
        "appendonly", "appendonly is no: a crash of Redis loses all since the last snapshot; set it to yes")
    } else {
      if settings["appendfsync"] == "no" {
        warn(
          "appendfsync",
          "appendfsync is no: a power cut loses many seconds; set it to always, or everysec to be faster")
      } else if settings["appendfsync"] == "everysec", durability == nil {
        warn(
          "appendfsync",
          "appendfsync is everysec: a crash may lose the last two seconds, which gateways push again; always loses nothing"
        )
      }
      if settings["no-appendfsync-on-rewrite"] == "yes" {
        warn(
          "no-appendfsync-on-rewrite",
          "no-appendfsync-on-rewrite is yes: nothing is safe while the file is rewritten; set it to no")
      }
    }
    if let durability { judge(durability, settings, mayFailOver, warn) }
    if durability?.mode != .replicated, mayFailOver, settings["min-replicas-to-write"] == "0" {
      warn(
        "min-replicas-to-write",
        "min-replicas-to-write is 0: a primary that is cut off goes on taking writes, all of which are lost; set it to 1"
      )
    }
    if settings["maxmemory"] == "0" {
      warn(
        "maxmemory",
        "maxmemory is 0: a backlog can grow until the system kills Redis; set it below the machine's memory")
    }
    if let text = settings["maxclients"], let clients = Int(text), clients < 1_000 {
      warn(
        "maxclients",
        "maxclients is \(clients): each worker uses a connection per partition; allow at least 1000")
    }
    if let text = settings["timeout"], let timeout = Int(text), timeout > 0, timeout < 60 {
      warn("timeout", "timeout is \(timeout): Redis closes gateways' idle connections; set it to 0")
    }
    return risks
  }

  /// Whether the settings keep what was chosen.
  private static func judge(
    _ durability: Durability, _ settings: [String: String], _ mayFailOver: Bool,
    _ warn: (_ setting: String, _ text: String) -> Void
  ) {
    switch durability.mode {
    case .always:
      if let flush = settings["appendfsync"], flush != "always" {
        warn(
          "appendfsync",
          "durability is always, and appendfsync is \(flush): set it to always, or choose fast or replicated")
      }
      if mayFailOver {
        warn(
          "durability",
          "durability is always, which is for one server: behind sentinels choose replicated or fast")
      }
    case .replicated:
      if let number = settings["min-replicas-to-write"].flatMap({ Int($0) }), number < durability.replicas {
        warn(
          "min-replicas-to-write",
          "min-replicas-to-write is \(number): writes that no replica takes would pile up; set it to \(durability.replicas)"
        )
      }
    case .fast: break
    }
  }
}
