import Foundation
import Proving
import RoutingStore

/// Workers come, go, stop and go on.
extension World {
  /// Starts one more.
  @discardableResult
  func startWorker(environment: [String: String] = [:]) throws -> ChildProcess {
    let lease = "\(plan.lease / .milliseconds(1))".split(separator: ".")[0]
    let worker = try ChildProcess(
      try ChildProcess.product("fenliu"),
      ["route", "--redis", workerURL, "--prefix", keys.prefix, "--lease", "\(lease)ms"],
      environment: plan.workerEnvironment.merging(environment) { $1 })
    workers.append(worker)
    return worker
  }

  /// Waits until all have begun. How long a program takes to start is not what is judged.
  func awaitWorkers() async throws {
    try await eventually(within: .seconds(20), "the workers have begun") {
      workers.allSatisfy { worker in worker.standardError.contains { $0.contains("worker started") } }
    }
  }

  /// Ends one by SIGKILL and starts another.
  func replaceWorker(_ index: Int) throws {
    workers.remove(at: index).kill()
    try startWorker()
  }

  /// Ends one by SIGKILL.
  func killWorker(_ index: Int) { workers.remove(at: index).kill() }

  /// Ends the one that a fault was aimed at by SIGKILL; any if there was no aim.
  func killWorker(_ aim: Aim?) {
    killWorker(workers.firstIndex { $0.pid == aim?.pid } ?? 0)
  }

  /// Ends all by SIGKILL.
  func forgetWorkers() {
    for worker in workers { worker.kill() }
    workers = []
  }

  /// Lets one hand over and end by itself.
  func dismissWorker(_ index: Int) async throws {
    let worker = workers.remove(at: index)
    worker.send(signal: SIGTERM)
    let exit = try await worker.wait()
    // One that has hardly begun does not listen yet.
    if exit != .exited(0), exit != .signalled(SIGTERM) {
      found.append("a worker that was dismissed ended with \(exit)")
    }
  }

  /// Stops all by SIGSTOP, and waits until they stand still.
  func pauseWorkers() async {
    for worker in workers { worker.send(signal: SIGSTOP) }
    for worker in workers where worker.isRunning { _ = try? await awaitStandstill(of: worker.pid) }
  }

  /// Lets all go on.
  func resumeWorkers() {
    for worker in workers { worker.send(signal: SIGCONT) }
  }

  /// Stops one for a time by SIGSTOP while everything else goes on.
  func freezeWorker(_ aim: Aim, for time: Duration) {
    guard let worker = workers.first(where: { $0.pid == aim.pid }) else { return }
    worker.send(signal: SIGSTOP)
    frozen.insert(worker.pid)
    thaws.append(
      Task {
        try? await Task.sleep(for: time)
        worker.send(signal: SIGCONT)
        frozen.remove(worker.pid)
      })
  }

  /// Waits until a worker that was sent SIGSTOP stands still, or the time is up. One of its threads has to be given a CPU
  /// before the others are stopped too; where CPUs are scarce these go on meanwhile.
  @discardableResult
  func awaitStandstill(of pid: Int32, within time: Duration = .seconds(5)) async throws -> Bool {
    let deadline = ContinuousClock.now + time
    while ContinuousClock.now < deadline {
      if Self.standsStill(pid) { return true }
      try await Task.sleep(for: .milliseconds(1))
    }
    return false
  }

  private static func standsStill(_ pid: Int32) -> Bool {
    guard let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task") else {
      return false
    }
    return threads.allSatisfy { thread in
      let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(thread)/stat", encoding: .utf8)) ?? ""
      // The name before the state stands in parentheses and may hold anything.
      return text.split(separator: ")").last?.split(separator: " ").first == "T"
    }
  }

  /// Says what is wrong in a line, for the verdict.
  func blame(_ text: String) { found.append(text) }
}
