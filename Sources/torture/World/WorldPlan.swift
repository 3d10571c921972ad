import Proving
import RoutingStore

/// What a world is made of.
struct WorldPlan: Sendable {
  /// How many workers it begins with.
  var workers = 3
  /// How long a silent worker keeps its partitions.
  var lease = Duration.milliseconds(300)
  /// How Redis is started.
  var server = RedisServer.Options()
  /// Whether a crash of Redis may lose its last moments, which the gateways then push again.
  var isLossy = false
  /// How long after its acknowledgement such a crash may still lose a push.
  var unsureFor = Duration.seconds(8)
  /// What a crash may lose, if that is chosen; gateways wait for as many replicas.
  var durability: Durability?
  /// A text in one event that ends workers, until that event is set aside.
  var poison: String?
  /// Whether everything that functions write is recorded and judged.
  var isAudited = true
  /// Whether events that no gateway would send are among them: their dead letters are no violation.
  var hasHostileInput = false
  /// Whether wall clocks jump: then records may leave retention early, timers may be due in a year, and hours differ.
  var clockJumps = false
  /// What is done before the audit begins: the checker is told of the state that it leaves.
  var beforehand: (@Sendable (World) async throws -> Void)?
  /// How long gateways rest between two rounds. Each event is judged again in the end, step by step, which takes longer
  /// than to apply it: few events for many faults show more than many for few.
  var feedingPause = Duration.milliseconds(10)
  /// Variables of the workers' environment.
  var workerEnvironment: [String: String] = [:]
  /// Whether events go where `fenliu push` sends them, by customer, so that order holds within conversations only.
  var pushesByCustomer = false
}
