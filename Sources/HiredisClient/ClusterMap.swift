/// What one node of a cluster says of all of them (`CLUSTER NODES`): who they are and who has which slots.
///
/// Unlike `CLUSTER SLOTS` it tells the epoch of each claim. Nodes that were cut off tell of the past; of two
/// claims to a slot the one with the higher epoch is the newer.
public struct ClusterMap: Sendable, Equatable {
  /// A node.
  public struct Node: Sendable, Equatable {
    /// Its name for ever, 40 hexadecimal digits.
    public var id: String
    /// Where it is.
    public var place: RedisPlace
    /// Whether it is the node that said all this.
    public var isMyself = false
    /// Whether it is a primary; else it follows one.
    public var isPrimary = true
    /// Whether most primaries hold it to be gone.
    public var isFailed = false
    /// The age of its claim to its slots: higher is newer.
    public var epoch: Int64 = 0
    /// Its slots.
    public var slots: [ClosedRange<Int>] = []
  }

  /// All nodes that have an address.
  public var nodes: [Node]

  /// A map of these nodes.
  public init(nodes: [Node]) { self.nodes = nodes }

  /// The map in the answer of the node at `place`; nil if it is none.
  ///
  /// A line is `id host:port@busport[,hostname] flags primary ping pong epoch link slot slot …`. A node that has not
  /// been told its own address leaves it out.
  public init?(_ text: String, from place: RedisPlace) {
    nodes = []
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count >= 8, let epoch = Int64(words[6]) else { return nil }
      let flags = words[2].split(separator: ",")
      guard !flags.contains("noaddr"), !flags.contains("handshake"),
        let address = Self.place(words[1], asked: place)
      else { continue }
      var node = Node(id: String(words[0]), place: address)
      node.isMyself = flags.contains("myself")
      node.isPrimary = flags.contains("master")
      node.isFailed = flags.contains("fail")
      node.epoch = epoch
      // Slots on the way, as in `[93->-id]`, are told in brackets besides.
      node.slots = words[8...].filter { !$0.hasPrefix("[") }.compactMap(Self.range)
      nodes.append(node)
    }
    guard !nodes.isEmpty else { return nil }
  }

  /// The primary that has a slot.
  public func owner(of slot: HashSlot) -> Node? {
    nodes.first { $0.isPrimary && $0.slots.contains { $0.contains(slot.number) } }
  }

  /// What the node that answered says of itself.
  var myself: Node? { nodes.first(where: \.isMyself) }

  private static func place(_ word: Substring, asked: RedisPlace) -> RedisPlace? {
    let parts = word.split(separator: ",", omittingEmptySubsequences: false)
    let address = parts[0].prefix { $0 != "@" }
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]),
      port > 0
    else { return nil }
    // A name, where one is announced, since certificates are for names.
    let name = parts.dropFirst().first.map(String.init) ?? ""
    let numeric = String(address[..<colon])
    return RedisPlace(host: !name.isEmpty ? name : !numeric.isEmpty ? numeric : asked.host, port: port)
  }

  private static func range(_ word: Substring) -> ClosedRange<Int>? {
    let ends = word.split(separator: "-").compactMap { Int($0) }
    guard let first = ends.first, let last = ends.last, ends.count <= 2, first <= last else { return nil }
    return first...last
  }
}
