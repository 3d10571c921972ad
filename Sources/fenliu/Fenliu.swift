import ArgumentParser

/// The program: one command for each job, each in a file of its own under `Commands`.
@main
struct Fenliu: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fenliu",
    abstract: "Routes customer-service chats: who serves whom, exact under any number of workers.",
    discussion: """
      Chat gateways push events to lists in Redis; workers (`fenliu route`) decide for every conversation \
      which group and which agent serves it, or at which place it waits, and put commands into a list for \
      each gateway.

      Start here:   fenliu up shop.yaml      everything on this machine, with a private Redis
                    fenliu top               what is going on right now
      """,
    version: "0.1.0",
    subcommands: [
      Up.self, Play.self, Route.self, Apply.self, Check.self, TopologyCommand.self, Push.self, Top.self,
      Explain.self, Dead.self, Audit.self, Bench.self,
    ])
}
