import ArgumentParser
import Routing

/// Validates configurations and changes nothing.
struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the configuration of one or more shops, and warn of what looks wrong.",
    discussion: """
      Nothing is changed and no Redis is needed. Every problem is told with file, line and column, in a form \
      that editors understand; the exit status is 1 if there was any, so it does for a commit hook.

      Example:   fenliu check shop.yaml
      """)

  @Argument(help: "Configuration files in YAML.", completion: .file(extensions: ["yaml", "yml", "json"]))
  var files: [String]

  func run() async throws {
    var isValid = true
    var fileOfShop: [ShopID: String] = [:]
    for file in files {
      do {
        let shop = try ConfigurationFiles.parse(file).configuration
        try Output.line("\(file): shop \(shop.shop) is valid")
        for warning in shop.warnings() {
          let place = warning.line.map { "\(file):\($0)" } ?? file
          try Output.line("\(place): warning: \(warning.keyPath) \(warning.message)")
        }
        if let other = fileOfShop.updateValue(file, forKey: shop.shop) {
          try Output.line(
            "\(file): warning: \(other) is for shop \(shop.shop) too; the one applied last counts")
        }
      } catch let code as ExitCode {
        throw code
      } catch {
        Output.notice("\(error)")
        isValid = false
      }
    }
    guard isValid else { throw ExitCode.failure }
  }
}
