import HiredisClient
import Proving
import RoutingLua

/// A deliberate fault of the protocol: one place of the functions' text, changed. A battery that does not catch it would
/// not catch the mistake either.
struct Mutant: Sendable {
  /// The mutant that worlds of this task are played with; nil outside of the trial of mutants.
  @TaskLocal static var current: Mutant?

  /// What is wrong with it, in a few words.
  let name: String
  /// The text that is changed; it stands in the library exactly once.
  let find: String
  /// What stands there instead.
  let replace: String
  /// The fault that must show it.
  let fault: Fault
  /// Whether it shows only where many events are acknowledged together, which is so without an audit.
  let isOfLargeCalls: Bool
  /// Whether it lies in a shortcut. All others are played without shortcuts, so that what they change is what is done.
  let isOfShortcuts: Bool

  init(
    _ name: String, by fault: Fault, ofLargeCalls: Bool = false, ofShortcuts: Bool = false, _ find: String,
    _ replace: String
  ) {
    isOfLargeCalls = ofLargeCalls
    isOfShortcuts = ofShortcuts
    self.name = name
    self.fault = fault
    self.find = find
    self.replace = replace
  }

  /// Nothing is changed: the control, which the battery must not convict.
  init(controlFor fault: Fault) {
    self.init("control: nothing is changed", by: fault, "local LIBRARY = '", "local LIBRARY = '")
  }

  /// Whether it is one of the controls.
  var isControl: Bool { find == replace }

  /// The library with the change, under its old name: workers load theirs only when there is none of that name.
  var library: RedisLibrary? {
    let original = LuaLibrary.work
    let parts = original.code.split(separator: find, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let code = parts.joined(separator: replace)
    if isOfShortcuts || isControl { return RedisLibrary(name: original.name, code: code) }
    let general = code.split(separator: "\nSHORTCUTS = true\n", omittingEmptySubsequences: false)
    guard general.count == 2 else { return nil }
    return RedisLibrary(name: original.name, code: general.joined(separator: "\nSHORTCUTS = false\n"))
  }
}
