/// What a sentinel says of the primary.
struct SentinelAnswer: Equatable {
  /// Where the primary is.
  var place: RedisSentinels.Place
  /// Which configuration this is: sentinels agree on a number for each failover, and the highest is the newest.
  var epoch: Int64
}

/// An open connection to one sentinel. It blocks the calling thread.
struct SentinelLink {
  private let wire: Wire
  private let sentinels: RedisSentinels

  /// Connects to the sentinel at `place` and logs in.
  init(
    to place: RedisSentinels.Place, of sentinels: RedisSentinels, tls: RedisTLS?,
    until deadline: MonotonicTime
  ) throws(RedisError) {
    self.sentinels = sentinels
    let endpoint = RedisEndpoint(
      .tcp(host: place.host, port: place.port), user: sentinels.user, password: sentinels.password, tls: tls)
    let allowed = deadline - .now
    let connector = Connector(endpoint: endpoint, deadline: deadline, allowed: allowed)
    wire = try connector.wire()
    guard let password = sentinels.password else { return }
    var login = RedisPipeline()
    login.append(["AUTH"] + (sentinels.user.map { [$0] } ?? []) + [password])
    if let refusal = try exchange(login, until: deadline).first?.error { throw .server(refusal) }
  }

  /// Asks where the primary is; nil if this sentinel does not know the name.
  func ask(until deadline: MonotonicTime) throws(RedisError) -> SentinelAnswer? {
    var question = RedisPipeline()
    // The first knows of a promotion before the second does; only the second tells the number.
    question.append("SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinels.primary)
    question.append("SENTINEL", "MASTER", sentinels.primary)
    let replies = try exchange(question, until: deadline)
    if let refusal = replies.first?.error { throw .server(refusal) }
    guard replies.count == 2, let address = replies[0].array, address.count == 2, let host = address[0].text,
      let port = address[1].integer.flatMap({ UInt16(exactly: $0) })
    else { return nil }
    let fields = replies[1].array ?? []
    let mark = fields.firstIndex { $0.text == "config-epoch" }
    let epoch = mark.flatMap { fields.dropFirst($0 + 1).first?.integer } ?? 0
    return SentinelAnswer(place: RedisSentinels.Place(host: host, port: port), epoch: epoch)
  }

  private func exchange(
    _ commands: RedisPipeline, until deadline: MonotonicTime
  ) throws(RedisError) -> [RedisValue] {
    var replies: [RedisValue] = []
    try wire.exchange(commands.bytes, count: commands.count, within: deadline - .now, idle: nil) { _, reply in
      replies.append(reply.value)
    }
    return replies
  }
}
