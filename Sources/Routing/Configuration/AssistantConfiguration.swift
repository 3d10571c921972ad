/// The assistant that receives customers in place of a person: the keys `assistant`.
public struct AssistantConfiguration: Sendable, Equatable {
  /// Its first words.
  public var greeting = "您好,我是智能助手。回复“人工”可转人工客服。"
  /// Words by which a customer asks for a person, as written in the file.
  public var handoff = ["人工", "转人工"]
  /// After so many questions without an answer a person is called; 1…100.
  public var maxMisses = 2
  /// What it knows, by product line, in file order.
  public var answers: [ProductLine] = []
  /// An outside bot that has the conversations instead; nil is the built-in assistant.
  public var gateway: GatewayID?

  /// The built-in assistant, which knows no answers.
  public init() {}

  /// The answers of one product line.
  public struct ProductLine: Sendable, Equatable {
    /// The product line.
    public var name: String
    /// Its answers, in file order.
    public var answers: [Answer]

    /// Makes a product line.
    public init(name: String, answers: [Answer]) {
      self.name = name
      self.answers = answers
    }
  }

  /// One answer.
  public struct Answer: Sendable, Equatable {
    /// Any of these within the question.
    public var keywords: [String]
    /// What is answered.
    public var text: String

    /// Makes an answer.
    public init(keywords: [String], text: String) {
      self.keywords = keywords
      self.text = text
    }
  }
}
