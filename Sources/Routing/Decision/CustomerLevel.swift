extension ShopConfiguration.Levels {
  /// The level of a customer (routing, section 1): by attribute, `level`, or `vip` where no level is known;
  /// by parameter, the URL parameter when it is a whole number. Values outside 0…10 are clamped.
  func level(of told: Event.Customer, stored: StoredCustomer?, params: [String: String]) -> Level {
    let byParam = params[param].flatMap(Int.init).map(Level.init(clamping:))
    switch source {
    case .param: return byParam ?? .ordinary
    case .paramThenAttribute: return byParam ?? byAttribute(told, stored)
    case .attribute: return byAttribute(told, stored)
    }
  }

  private func byAttribute(_ told: Event.Customer, _ stored: StoredCustomer?) -> Level {
    if let level = told.level ?? stored?.level { return Level(clamping: level) }
    return told.vip ?? stored?.vip ?? false ? vip : .ordinary
  }
}
