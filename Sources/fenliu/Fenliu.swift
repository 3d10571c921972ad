import ArgumentParser

@main
struct Fenliu: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fenliu", abstract: "Routes customer-service chats.")
}
