import ArgumentParser

/// Rejected events: looks at them, pushes them again, removes them.
struct Dead: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List rejected events, push them again, or drop them.",
    discussion: """
      An event that cannot be applied goes to the dead letters with the reason: it names an agent whom no \
      configuration knows, say. Put right what was wrong, then retry. At most 10000 letters are kept for each \
      shard; the oldest go first.

      Examples:
        fenliu dead list
        fenliu dead retry --error 'no configuration'
        fenliu dead drop 3 7-12
      """,
    subcommands: [DeadList.self, DeadRetry.self, DeadDrop.self])
}
