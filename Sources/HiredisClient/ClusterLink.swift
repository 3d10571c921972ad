/// What a node of a cluster says.
struct ClusterAnswer {
  /// Who is who.
  var map: ClusterMap
  /// How many keys of the slot in question lie there.
  var keys: Int64
}

/// An open connection to one node, for questions about the cluster. It blocks the calling thread.
struct ClusterLink {
  private let wire: Wire
  private let place: RedisPlace

  /// Connects to the node at `place` and logs in as `endpoint` says.
  init(to place: RedisPlace, as endpoint: RedisEndpoint, until deadline: MonotonicTime) throws(RedisError) {
    self.place = place
    let node = endpoint.server(at: place)
    wire = try Connector(endpoint: node, deadline: deadline, allowed: deadline - .now).wire()
    guard let password = endpoint.password else { return }
    let login = ["AUTH"] + (endpoint.user.map { [$0] } ?? []) + [password]
    if let refusal = try exchange([login], until: deadline).first?.error { throw .server(refusal) }
  }

  /// Asks who is who, and how many keys of `slot` lie on this node.
  func ask(of slot: HashSlot?, until deadline: MonotonicTime) throws(RedisError) -> ClusterAnswer {
    var questions = [["CLUSTER", "NODES"]]
    if let slot { questions.append(["CLUSTER", "COUNTKEYSINSLOT", "\(slot)"]) }
    let replies = try exchange(questions, until: deadline)
    if let refusal = replies.lazy.compactMap(\.error).first { throw .server(refusal) }
    guard let map = replies.first?.text.flatMap({ ClusterMap($0, from: place) }) else {
      throw .unexpectedReply("CLUSTER NODES")
    }
    return ClusterAnswer(map: map, keys: slot == nil ? 0 : replies.last?.integer ?? 0)
  }

  private func exchange(
    _ commands: [[String]], until deadline: MonotonicTime
  ) throws(RedisError) -> [RedisValue] {
    var pipeline = RedisPipeline()
    for words in commands { pipeline.append(words) }
    var replies: [RedisValue] = []
    try wire.exchange(pipeline.bytes, count: pipeline.count, within: deadline - .now, idle: nil) { _, reply in
      replies.append(reply.value)
    }
    return replies
  }
}
