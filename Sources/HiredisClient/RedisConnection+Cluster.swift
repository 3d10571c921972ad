/// Connections in a cluster: each serves one key (and all others in its slot), and goes where that is.
extension RedisConnection {
  /// An open connection that is put aside while another key is served.
  struct Parked {
    var wire: Wire
    var server: RedisEndpoint?
    var clientID: Int64?
  }

  /// So many are kept open besides, for who goes from shard to shard.
  private static let mostParked = 64

  /// From now on serves `key`, which in a cluster may be at another node: a connection to that is opened, or taken up
  /// again if it was open before. Without a cluster nothing happens, since one server has all keys.
  ///
  /// What was written for the key before stays on its own connection, so that `WAIT` is for one key at a time.
  ///
  /// - Throws: ``RedisError``, as ``connect()``.
  public func turn(to key: String) throws(RedisError) {
    guard case .cluster = endpoint.address else { return }
    let (old, new) = (HashSlot(of: self.key ?? ""), HashSlot(of: key))
    // Put aside, the connection would be taken up again as one to which nothing is owed.
    guard old == new || left == nil else { throw .repliesLeft }
    defer { self.key = key }
    guard old != new else { return }
    if let wire {
      if parked.count >= Self.mostParked { parked = [:] }
      parked[old] = Parked(wire: wire, server: server, clientID: clientID)
    }
    leave()
    self.key = key
    if let open = parked.removeValue(forKey: new) {
      (wire, server, clientID) = (open.wire, open.server, open.clientID)
    } else {
      try connect()
    }
  }

  /// Every primary that has slots, as an endpoint of its own, for who has to look at all keys. Empty without a cluster.
  public func primaries() throws(RedisError) -> [RedisEndpoint] {
    guard let map = try clusterMap() else { return [] }
    return map.nodes.filter { $0.isPrimary && !$0.slots.isEmpty }.map { endpoint.server(at: $0.place) }
  }

  /// Who has which slots, by the node that this is connected to; nil without a cluster.
  public func clusterMap() throws(RedisError) -> ClusterMap? {
    guard case .cluster = endpoint.address else { return nil }
    guard case .tcp(let host, let port) = server?.address else { throw .notConnected }
    let reply = try send("CLUSTER", "NODES")
    guard let map = reply.text.flatMap({ ClusterMap($0, from: RedisPlace(host: host, port: port)) }) else {
      throw .unexpectedReply("CLUSTER NODES")
    }
    return map
  }

  /// Finds the node that has the key and connects to it.
  func connect(to cluster: RedisCluster, until deadline: MonotonicTime) throws(RedisError) {
    let watch = clusterWatch ?? ClusterWatch.shared(for: endpoint, cluster)
    clusterWatch = watch
    let key = key ?? ""
    try insist(until: deadline) { () throws(RedisError) in
      let node = try SlotSearch.find(key, by: watch, until: deadline)
      let attempt = min(deadline, .now + Self.primaryPatience)
      try open(endpoint.server(at: node.place), until: attempt) { socket in
        watch.guarding(socket, to: node.id, for: HashSlot(of: key))
      }
    }
  }
}

extension RedisEndpoint {
  /// The same endpoint for another key; without a cluster the same.
  func of(key: String) -> RedisEndpoint {
    guard case .cluster(let cluster, _) = address else { return self }
    return RedisEndpoint(.cluster(cluster, key: key), user: user, password: password, tls: tls)
  }
}
