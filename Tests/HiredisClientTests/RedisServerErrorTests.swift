import HiredisClient
import Testing

/// The texts are those of Redis 7.0; what follows the first word must not matter.
@Suite struct RedisServerErrorTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let text: String
    let kind: RedisServerError.Kind
    let advice: RedisAdvice
    var testDescription: String { text }
    init(_ text: String, _ kind: RedisServerError.Kind, _ advice: RedisAdvice) {
      self.text = text
      self.kind = kind
      self.advice = advice
    }
  }

  @Test(arguments: [
    Row("LOADING Redis is loading the dataset in memory", .loading, .retryLater),
    Row("READONLY You can't write against a read only replica.", .readOnly, .reconnect),
    Row("-READONLY You can't write against a read only replica.", .readOnly, .reconnect),
    Row(
      "READONLY You can't write against a read only replica. script: f, on @user_function:3.", .readOnly,
      .reconnect),
    Row(
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", .masterDown,
      .reconnect),
    Row("NOREPLICAS Not enough good replicas to write.", .noReplicas, .retryLater),
    Row("MISCONF Redis is configured to save RDB snapshots, but …", .misconfigured, .fixConfiguration),
    Row("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory, .fixConfiguration),
    Row(
      "OOM command not allowed when used memory > 'maxmemory'. script: commit, on @user_function:7.",
      .outOfMemory, .fixConfiguration),
    Row("BUSY Redis is busy running a script.", .busy, .retryLater),
    Row("BUSYKEY Target key name already exists.", .other(code: "BUSYKEY"), .fixCaller),
    Row("UNKILLABLE Sorry the script already executed write commands.", .unkillable, .fixConfiguration),
    Row("TRYAGAIN Multiple keys request during rehashing of slot", .tryAgain, .retryLater),
    Row("ASK 3999 127.0.0.1:6381", .ask(slot: 3999, address: "127.0.0.1:6381"), .askOnce),
    Row("MOVED 3999 ::1:6381", .moved(slot: 3999, address: "::1:6381"), .redirect),
    Row("MOVED there", .other(code: "MOVED"), .fixCaller),
    Row("CLUSTERDOWN The cluster is down", .clusterDown, .retryLater),
    Row("NOPERM this user has no permissions to run the 'get' command", .noPermission, .fixCredentials),
    Row("NOAUTH Authentication required.", .authenticationRequired, .fixCredentials),
    Row("UNBLOCKED client unblocked via CLIENT UNBLOCK", .unblocked, .reconnect),
    Row("WRONGPASS invalid username-password pair or user is disabled.", .wrongPassword, .fixCredentials),
    Row("NOSCRIPT No matching script. Please use EVAL.", .noScript, .loadLibrary),
    Row("EXECABORT Transaction discarded because of previous errors.", .transactionAborted, .fixCaller),
    Row("WRONGTYPE Operation against a key holding the wrong kind of value", .wrongType, .fixCaller),
    Row("ERR Function not found", .functionNotFound, .loadLibrary),
    Row(
      "ERR Script attempted to access a non local key in a cluster node script: f, on @user_function:5.",
      .tryAgain,
      .retryLater),
    Row("ERR Script attempted to execute a command while the cluster is down", .clusterDown, .retryLater),
    Row(
      "ERR Script attempted to execute a write command while the cluster is down and readonly", .clusterDown,
      .retryLater),
    Row("ERR max number of clients reached", .tooManyClients, .retryLater),
    Row("DENIED Redis is running in protected mode because …", .protectedMode, .fixConfiguration),
    Row("ERR unknown command 'X', with args beginning with: OOM", .other(code: "ERR"), .fixCaller),
    Row("STALE configuration", .other(code: "STALE"), .fixCaller),
    Row("", .other(code: ""), .fixCaller),
  ])
  func classifiesByFirstWord(_ row: Row) {
    let error = RedisServerError(row.text)
    #expect(error.kind == row.kind)
    #expect(error.advice == row.advice)
    #expect(error.message == (row.text.hasPrefix("-") ? String(row.text.dropFirst()) : row.text))
    #expect(error.description.contains(row.advice.description))
  }

  @Test func retriesWhatCanPass() {
    #expect(RedisError.server(RedisServerError("LOADING …")).isRetriable)
    #expect(RedisError.server(RedisServerError("OOM …")).isRetriable)
    #expect(!RedisError.server(RedisServerError("WRONGTYPE …")).isRetriable)
    #expect(!RedisError.server(RedisServerError("NOAUTH …")).isRetriable)
    #expect(RedisError.closedByServer.isRetriable && RedisError.closedByServer.mayHaveTakenEffect)
    #expect(RedisError.notConnected.isRetriable && !RedisError.notConnected.mayHaveTakenEffect)
    #expect(!RedisError.incompletePipeline.isRetriable)
  }
}
