extension ShopConfiguration {
  /// Reads and checks a whole configuration, and finds everything that is wrong with it. `file` is only named in
  /// problems.
  ///
  /// JSON is read as well, being a kind of YAML. A byte order mark at the beginning is passed over.
  public static func parse(_ text: String, file: String) throws(ConfigurationErrors) -> ShopConfiguration {
    var text = text
    text.makeContiguousUTF8()
    if text.unicodeScalars.first == "\u{FEFF}" { text = String(text.unicodeScalars.dropFirst()) }
    let problems = ProblemCollector()
    var shop: ShopConfiguration?
    if let root = ConfigurationComposer.compose(text, problems: problems) {
      let reader = ConfigurationReader(problems: problems)
      shop = reader.shop(root)
      shop?.notes.warnings = reader.joinedTexts.warnings
    }
    if let errors = problems.errors(in: text, file: file) { throw errors }
    guard let shop else {
      // Not reached as long as whoever gives up also says why; a file must not be accepted on the strength of that.
      throw ConfigurationErrors(problems: [
        ConfigurationProblem(file: file, line: 1, column: 1, keyPath: "", message: "the file cannot be read")
      ])
    }
    return shop
  }
}
