import HiredisClient
import TestSupport
import Testing

/// A real day of 1,839 customers must come out as two independent simulators computed it, to the millisecond.
@Suite(.redis) struct RecordedDayTests {
  /// However eight slots are divided among agents.
  private static let splits = [(8, 1), (4, 2), (1, 8)]

  @Test(arguments: [
    ("january_990103_fcfs", false), ("january_990103_viphol", false), ("january_990103_viphol_abandon", true),
  ])
  func everyCustomersServiceBeginsWhenItShould(file: String, abandoning: Bool) async throws {
    guard var day = RecordedDay(file) else {
      print("SKIPPED: no recorded day \(file) beside the package; this test has tested nothing")
      return
    }
    if file.hasSuffix("fcfs") { day = day.withoutLevels }
    let server = try await RedisServer.start()
    defer { server.kill() }
    let connection = try await server.connected()
    for (agents, capacity) in Self.splits {
      let starts = try await day.play(
        agents: agents, capacity: capacity, abandoning: abandoning, on: connection)
      let wrong = day.customers.filter { starts[$0.id] != $0.start }
      #expect(
        wrong.isEmpty,
        "\(agents)x\(capacity): \(wrong.count) of \(day.customers.count), first \(wrong.prefix(3).map { ($0.id, $0.start, starts[$0.id]) })"
      )
    }
  }
}

extension RecordedDay {
  /// First come, first served: nobody is a VIP.
  var withoutLevels: RecordedDay {
    RecordedDay(
      customers: customers.map { customer in
        var customer = customer
        customer.isVip = false
        return customer
      })
  }

  private init(customers: [Customer]) { self.customers = customers }
}
