/// What customers are told in words: the keys `texts`. `{position}`, `{wait}` and `{idle}` stand for figures.
public struct ShopTexts: Sendable, Equatable {
  /// To everybody whom a person receives, at the first assignment of a reception; nothing unless the shop gives one, since
  /// agents greet in their own words.
  public var greeting = ""
  /// In the queue, with `{position}` and `{wait}`.
  public var busy = "客服正忙,前面还有 {position} 位,预计等待 {wait}。"
  /// In the queue, where the figures are hidden.
  public var busyHidden = "客服正忙,请您稍候。"
  /// Outside the group's hours.
  public var offHours = "现在不是客服的工作时间,请您留言。"
  /// At a close for silence, with `{idle}`.
  public var idle = "因为您 {idle} 没有发送任何消息,当前会话已经结束。"
  /// To new customers in an emergency that gives no notice of its own.
  public var emergency = "系统繁忙,请您稍后再来。"
  /// After the end, where a survey is on.
  public var survey = "请为本次服务打分(1-5)。"
  /// Where no person can be had.
  public var noAgent = "暂时没有客服可以接待您,请您稍后再来。"

  /// The built-in Chinese texts.
  public init() {}
}
