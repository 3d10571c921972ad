/// One connection to one Redis server, on a thread of its own.
///
/// Its methods block that thread until the replies are there and never suspend. From elsewhere they are
/// called with `await`; an actor that shares the ``thread`` as its executor calls them as plain functions
/// with ``onThread(_:)``, or takes the connection as an `isolated` parameter.
///
/// After a timeout or any error of the transport the connection is closed, because later replies could not be
/// matched to commands any more; everything then throws ``RedisError/notConnected`` until ``connect()``.
public actor RedisConnection {
  /// The thread that all methods run on.
  public nonisolated let thread: RedisThread
  /// Where it connects to.
  public nonisolated let endpoint: RedisEndpoint
  /// What the server knows it by (`CLIENT LIST`).
  public nonisolated let name: String
  /// How long calls wait that bring no deadline of their own.
  public nonisolated let deadlines: RedisDeadlines
  /// Functions to load when the server does not know one that is called; see ``pipeline(_:deadline:)``.
  public var library: RedisLibrary?
  /// Is called with the bytes of every pipeline sent; not with those of `connect()`, which hold the password.
  public var recorder: (@Sendable ([UInt8]) -> Void)?
  /// Is called when all replies of a pipeline have arrived; for tests that end a worker there.
  public var onReplies: (@Sendable () -> Void)?
  /// The server's number for this connection (`CLIENT ID`); nil while not connected or not allowed to ask.
  public internal(set) var clientID: Int64?

  /// The server that it is connected to, which with sentinels may be another one each time; nil while not connected.
  public internal(set) var server: RedisEndpoint?

  /// The key that is served, in a cluster: at first the endpoint's.
  var key: String?
  var wire: Wire?
  /// What knows the primary, from the first connect by way of sentinels on.
  var watch: PrimaryWatch?
  /// What knows the nodes of the cluster, from the first connect to it on.
  var clusterWatch: ClusterWatch?
  /// Open connections for other keys; see ``turn(to:)``.
  var parked: [HashSlot: Parked] = [:]
  /// What is to be taken yet; see ``takeLeft()``.
  var left: Left?
  private var isExchanging = false

  /// A connection that is not open yet.
  ///
  /// - Parameters:
  ///   - name: for `CLIENT SETNAME`: printable ASCII without spaces; other characters become `-`.
  ///   - thread: one to share with other actors; a new one if nil.
  public init(
    to endpoint: RedisEndpoint, name: String = "fenliu", thread: RedisThread? = nil,
    deadlines: RedisDeadlines = RedisDeadlines(), library: RedisLibrary? = nil
  ) {
    self.endpoint = endpoint
    self.name = String(name.map { $0.isASCII && $0 > " " && $0 <= "~" ? $0 : "-" })
    self.thread = thread ?? RedisThread(name: name)
    self.deadlines = deadlines
    self.library = library
    if case .cluster(_, let key) = endpoint.address { self.key = key }
  }

  /// The ``thread``.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Calls the connection without suspending, from code that already runs on its thread.
  ///
  /// The program stops if it does not, as with `assumeIsolated`; this form keeps the type of the error.
  public nonisolated func onThread<Result: Sendable>(
    _ body: (isolated RedisConnection) throws(RedisError) -> Result
  ) throws(RedisError) -> Result {
    let outcome = withoutActuallyEscaping(body) { body in
      // The compiler sees a closure cross from one actor to another. `assumeIsolated` checks that both are
      // the same thread, and the closure is gone when it returns.
      nonisolated(unsafe) let body = body
      return assumeIsolated { connection -> Swift.Result<Result, RedisError> in
        do throws(RedisError) {
          return .success(try body(connection))
        } catch {
          return .failure(error)
        }
      }
    }
    return try outcome.get()
  }

  /// Sets ``library`` from outside.
  public func use(_ library: RedisLibrary?) { self.library = library }

  /// Sets ``recorder`` from outside.
  public func record(_ recorder: (@Sendable ([UInt8]) -> Void)?) { self.recorder = recorder }

  // MARK: Opening and closing

  /// Whether it is open as far as is known: that a server has gone away shows at the next call.
  public var isConnected: Bool { wire != nil }

  /// Opens the connection, logs in, selects the database and gives the name. An open one is closed first.
  ///
  /// - Throws: ``RedisError``: `connectFailed` or `connectTimedOut`; `server` if the server refuses the login
  ///   (`NOAUTH`, `WRONGPASS`) or the database.
  public func connect() throws(RedisError) {
    leave()
    let deadline = MonotonicTime.now + deadlines.connect
    switch endpoint.address {
    case .sentinel(let sentinels): try connect(by: sentinels, until: deadline)
    case .cluster(let cluster, _): try connect(to: cluster, until: deadline)
    case .tcp, .unix: try open(endpoint, until: deadline)
    }
  }

  /// Closes the connection; nothing happens if it is closed.
  public func close() {
    leave()
    parked = [:]
  }

  /// Closes what is open for the present key.
  func leave() {
    wire = nil
    server = nil
    clientID = nil
    left = nil
  }

  // MARK: Commands

  /// Sends one command and returns its reply.
  ///
  /// - Parameter deadline: until the reply; for a blocking command more than the time it blocks.
  /// - Throws: ``RedisError``; an error reply as `server`, after which the connection stays open.
  @discardableResult
  public func send(_ words: String..., deadline: Duration? = nil) throws(RedisError) -> RedisValue {
    try send(words, deadline: deadline)
  }

  /// Sends one command and returns its reply; the same as ``send(_:deadline:)-(String...,_)``.
  @discardableResult
  public func send(_ words: [String], deadline: Duration? = nil) throws(RedisError) -> RedisValue {
    var command = RedisPipeline()
    command.append(words)
    let reply = try pipeline(command, deadline: deadline).first ?? .null
    if case .error(let error) = reply { throw .server(error) }
    return reply
  }

  /// Sends all commands together and returns their replies in order; error replies are values.
  ///
  /// If a ``library`` is set and some replies are “Function not found”, the library is loaded and exactly
  /// those commands are sent once more, in their order; their new replies stand in place of the old ones. The
  /// other commands are not repeated.
  ///
  /// - Parameter deadline: until the last reply, in place of `deadlines.command` and `deadlines.idle`.
  public func pipeline(
    _ commands: RedisPipeline, deadline: Duration? = nil
  ) throws(RedisError) -> [RedisValue] {
    var replies = [RedisValue](repeating: .null, count: commands.count)
    try pipeline(commands, deadline: deadline) { index, reply in replies[index] = reply.value }
    return replies
  }

  /// Sends all commands together and lends every reply to `receive` with the position of its command, as it
  /// arrives; nothing is copied.
  ///
  /// Replies come in the order of their commands, except that those which had to wait for the ``library`` come
  /// last. If it throws, `receive` has been called for the replies that had arrived.
  ///
  /// - Parameter deadline: until the last reply, in place of `deadlines.command` and `deadlines.idle`.
  public func pipeline(
    _ commands: RedisPipeline, deadline: Duration? = nil, reply receive: (Int, borrowing RedisReply) -> Void
  ) throws(RedisError) {
    try pipeline(commands, leaving: nil, deadline, receive)
  }

  /// Sends and receives; closes the connection if that fails.
  func exchange(
    _ commands: RedisPipeline, leaving last: Left? = nil, _ deadline: Duration?,
    _ receive: (Int, borrowing RedisReply) -> Void
  ) throws(RedisError) {
    guard wire != nil else { throw .notConnected }
    guard commands.isComplete else { throw .incompletePipeline }
    guard left == nil else { throw .repliesLeft }
    let count = commands.count - (last?.count ?? 0)
    try exchange(commands.bytes, count, leaving: last?.count ?? 0, deadline, receive)
    if isConnected { left = last }
  }

  /// The same for bytes, or for replies that were left.
  func exchange(
    _ bytes: [UInt8], _ count: Int, leaving: Int = 0, _ deadline: Duration?,
    _ receive: (Int, borrowing RedisReply) -> Void
  ) throws(RedisError) {
    guard let wire else { throw .notConnected }
    // `receive` may hold this connection; its replies would be taken for ours.
    guard !isExchanging else { throw .nestedCall }
    isExchanging = true
    defer { isExchanging = false }
    if !bytes.isEmpty { recorder?(bytes) }
    var isElsewhere = false
    do throws(RedisError) {
      try wire.exchange(
        bytes, count: count, leaving: leaving, within: deadline ?? deadlines.command,
        idle: deadline == nil ? deadlines.idle : nil
      ) { index, reply in
        if reply.kind == .error, reply.error?.isOfAnotherServer == true { isElsewhere = true }
        receive(index, reply)
      }
      onReplies?()
    } catch {
      leave()
      throw error
    }
    // What follows belongs to the server that sentinels or the cluster name. Nothing is sent there by itself: the
    // caller has to read again first, and a key that is on its way (`ASK`) is waited for, never asked for ahead.
    if isElsewhere, endpoint.mayFailOver { leave() }
  }
}
