import HiredisClient
import Routing
import RoutingStore

/// A wave of a batch: what its decisions need is read, it is decided, and committed.
extension EventBatch {
  /// What one call of `commit` answered, and how many events it had.
  struct Outcome {
    let events: Int
    let replies: [CommitReply]
  }

  /// A round trip counts for less in a larger wave, and all behind a refused guess have to be sent once more.
  private static let mostGuessed = 64

  /// Commits a wave, in two round trips: one that reads, and one that commits; in one where nothing has to be read, or what
  /// it will say can be guessed.
  ///
  /// - Parameter snapshots: what was read before and is still good; afterwards what was read together with these commits, for
  ///   those that have to go again.
  func commit(
    _ wave: Range<Int>, _ snapshots: inout [Int: Snapshot], lookingAhead look: InboxLook?,
    on connection: isolated RedisConnection
  ) throws -> [Outcome] {
    let readers = wave.filter { snapshots[$0] == nil && needsReading($0) }
    var pipeline = RedisPipeline(reservingCapacity: wave.count * 512)
    for index in readers { appendRead(for: index, to: &pipeline) }
    var guessed: [CommitCall]?
    if mayGuess(readers, in: wave) { guessed = try guess(wave, readers, snapshots, on: connection) }
    let calls: [CommitCall]
    if let guessed {
      calls = guessed
    } else {
      if !readers.isEmpty {
        let replies = try connection.pipeline(pipeline)
        snapshots.merge(try self.snapshots(of: readers, in: replies)) { $1 }
        pipeline.removeAll()
      }
      calls = try decide(wave, snapshots, on: connection)
    }
    for call in calls { call.append(to: &pipeline) }
    look?.append(to: &pipeline)
    let replies = try connection.pipeline(
      pipeline, leaving: look?.replies ?? 0, patience: look?.patience ?? .zero)
    let read = replies.count - calls.count
    snapshots = try self.snapshots(of: readers.prefix(read), in: replies.prefix(read))
    return zip(calls, replies.dropFirst(read)).map {
      Outcome(events: $0.count, replies: CommitReply.all(in: $1))
    }
  }

  // MARK: Reading

  private func needsReading(_ index: Int) -> Bool {
    items[index].listens || items[index].event?.needsCustomer == true
  }

  private func appendRead(for index: Int, to reads: inout RedisPipeline) {
    guard let event = items[index].event else { return }
    if event.needsCustomer, let customer = event.customer {
      reads.appendRead(of: customer, shop: event.shop, shard: context.shard)
    } else if let conversation = event.conversation {
      reads.appendContext(of: conversation, shop: event.shop, shard: context.shard)
    }
  }

  private func snapshots(
    of readers: some Sequence<Int>, in replies: some Sequence<RedisValue>
  ) throws(RedisError) -> [Int: Snapshot] {
    var snapshots: [Int: Snapshot] = [:]
    for (index, reply) in zip(readers, replies) {
      if case .error(let error) = reply { throw .server(error) }
      if items[index].listens {
        snapshots[index] = Snapshot(conversation: HeardConversation(reply: reply))
      } else {
        let customer = StoredCustomer(reply: reply)
        guesses.newcomers.note(isStored: customer != nil)
        snapshots[index] = Snapshot(customer: customer)
      }
    }
    return snapshots
  }

  // MARK: Guessing

  /// Whether all that has to be read are customers of whom, by the look of it, nothing is stored.
  private func mayGuess(_ readers: [Int], in wave: Range<Int>) -> Bool {
    guard !readers.isEmpty, wave.count <= Self.mostGuessed, guesses.newcomers.areLikely else { return false }
    return readers.allSatisfy { index in
      guard case .open = items[index].event?.kind else { return false }
      return items[index].records == 0
    }
  }

  /// Decides a wave as if nothing were stored of the customers who come. An opening tells which record it was decided on, and
  /// is refused as `moved` if there is another. Nil where something else than an opening comes of it, which would not be.
  private func guess(
    _ wave: Range<Int>, _ readers: [Int], _ snapshots: [Int: Snapshot],
    on connection: isolated RedisConnection
  ) throws -> [CommitCall]? {
    var isChecked = true
    let calls = try decide(wave, snapshots, on: connection) { index, decision in
      if case .open = decision { return }
      if readers.contains(index) { isChecked = false }
    }
    return isChecked ? calls : nil
  }

  // MARK: Deciding

  private func decide(
    _ wave: Range<Int>, _ snapshots: [Int: Snapshot], on connection: isolated RedisConnection,
    _ look: (Int, Decision) -> Void = { _, _ in }
  ) throws -> [CommitCall] {
    guard let now = context.clock.now else { throw RedisError.notConnected }
    var unknown: Set<ShopID> = []
    var calls: [CommitCall] = []
    var call = emptyCall(at: wave.lowerBound, now)
    for index in wave {
      if call.isFull {
        calls.append(call)
        call = emptyCall(at: index, now)
      }
      if let rejection = items[index].rejection {
        append(rejection, index, version: 0, now, to: &call)
      } else if let event = items[index].event {
        let entry = try configuration(of: event.shop, &unknown, on: connection)
        let version = entry?.version ?? 0
        let decision = Routing.decide(event, snapshots[index] ?? Snapshot(), under: entry?.plan, at: now)
        look(index, decision)
        guesses.listeners.note(decision)
        if case .reject(let reason) = decision {
          append(Rejection(error: reason, of: event), index, version: version, now, to: &call)
        } else {
          call.append(decision, of: event, version: version)
        }
      }
    }
    calls.append(call)
    return calls
  }

  private func emptyCall(at index: Int, _ now: Moment) -> CommitCall {
    let header = CommitHeader(fence: fence, position: position + Int64(index - next), now: now)
    return CommitCall(shard: context.shard, header: header)
  }

  private func append(
    _ rejection: Rejection, _ index: Int, version: Int64, _ now: Moment, to call: inout CommitCall
  ) {
    let item = items[index]
    let letter = DeadLetter(event: item.raw, error: rejection.error, at: now, partition: fence.partition)
    call.append(
      rejection, letter: letter.json, source: item.event?.source, n: item.event?.n, version: version)
  }

  private func configuration(
    of shop: ShopID, _ unknown: inout Set<ShopID>, on connection: isolated RedisConnection
  ) throws(RedisError) -> ConfigurationCache.Entry? {
    if let known = context.configurations.remembered(shop) { return known }
    if unknown.contains(shop) { return nil }
    let found = try context.configurations.read(shop, shard: context.shard, on: connection)
    if found == nil { unknown.insert(shop) }
    return found
  }
}
