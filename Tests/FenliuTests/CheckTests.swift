import Foundation
import TestSupport
import Testing

/// `fenliu check`.
@Suite struct CheckTests {
  private let files: TemporaryDirectory

  init() throws { files = try TemporaryDirectory() }

  private func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: files.path(name)))
    return files.path(name)
  }

  @Test func validFilesAreNamedWithTheirShops() async throws {
    let first = try write("a.yaml", "shop: acme\ngroups: {presale: {}}\nagents: {li: {groups: [presale]}}\n")
    let second = try write("b.yaml", "shop: 小店\ngroups: {g: {}}\nagents: {li: {groups: [g]}}\n")
    let run = try await Program.run("check", first, second)
    #expect(run.status == 0)
    #expect(run.output == ["\(first): shop acme is valid", "\(second): shop 小店 is valid"])
    #expect(run.error.isEmpty)
  }

  @Test func problemsStandWithTheirPlace() async throws {
    let bad = try write("bad.yaml", "shop: acme\ngroups:\n  presale: {capacty: 3}\n")
    let good = try write("good.yaml", "shop: acme\ngroups: {presale: {}}\n")
    let run = try await Program.run("check", bad, files.path("absent.yaml"), good)
    #expect(run.status == 1)
    #expect(run.error[0].hasPrefix("\(bad):3:"))
    #expect(run.error[0].contains("groups.presale.capacty"))
    #expect(run.error[0].contains("did you mean 'capacity'?"))
    #expect(run.error.last == "\(files.path("absent.yaml")): cannot be read; is the path right?")
    #expect(run.output.first == "\(good): shop acme is valid")
  }

  @Test func warningsAreNoFailure() async throws {
    let file = try write(
      "a.yaml", "shop: acme\ngroups: {presale: {}, empty: {}}\nagents: {li: {groups: [presale]}}\n")
    let run = try await Program.run("check", file, file)
    #expect(run.status == 0)
    #expect(run.output.contains { $0.contains("warning: ") && $0.contains("empty") })
    #expect(
      run.output.contains("\(file): warning: \(file) is for shop acme too; the one applied last counts"))
  }
}
