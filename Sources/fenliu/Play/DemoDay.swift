import Routing

/// A lively half hour of the demo shop, made up from a seed.
enum DemoDay {
  private static let minute: Int64 = 60_000
  private static let begin = 10 * 60 * minute
  /// The last customer comes before this.
  private static let doorsClose = begin + 26 * minute

  /// The plan for a shop with the agents and groups of ``DemoShop``; another shop's agents all come at the
  /// beginning, and its groups share the customers evenly.
  static func plan(seed: UInt64, for shop: ShopConfiguration) -> PlayPlan {
    PlayPlan(
      begin: begin, latestEnd: begin + 40 * minute, visits: visits(seed: seed, groups: shop.groupOrder),
      shifts: shifts(of: shop))
  }

  private static func visits(seed: UInt64, groups: [GroupID]) -> [Visit] {
    var random = SeededRandom(seed: seed)
    var visits: [Visit] = []
    var time = Double(begin) + 20_000
    while time < Double(doorsClose) {
      visits.append(visit(visits.count + 1, at: Int64(time), seed: seed, groups: groups))
      // Customers come by themselves, so the gaps are exponential; in the middle there is a rush.
      let minutes = (time - Double(begin)) / Double(minute)
      let perMinute = (8..<16).contains(minutes) ? 5.0 : 2.6
      time += random.exponential(mean: Double(minute) / perMinute)
    }
    return visits
  }

  private static func visit(_ number: Int, at time: Int64, seed: UInt64, groups: [GroupID]) -> Visit {
    var random = SeededRandom(seed: seed, stream: UInt64(number))
    let share = random.share()
    let place =
      groups.count == 3 ? (share < 0.5 ? 0 : share < 0.8 ? 1 : 2) : Int(share * Double(groups.count))
    let role = DemoPeople.roles[min(place, DemoPeople.roles.count - 1)]
    // Hardly anybody stays for longer than seven minutes, so that the shop is empty soon after the last has come.
    let service = 60_000 + Int64(min(6, random.exponential(mean: 3)) * Double(minute))
    var visit = Visit(
      id: number < 10 ? "00\(number)" : number < 100 ? "0\(number)" : "\(number)", arrival: time,
      service: service)
    visit.name = random.pick(role.surnames) + random.pick(role.names)
    visit.text = random.pick(role.openings)
    visit.group = groups.isEmpty ? nil : groups[min(place, groups.count - 1)]
    visit.vip = random.chance(0.12)
    if random.chance(0.7) { visit.patience = 90_000 + Int64(random.exponential(mean: 4) * Double(minute)) }
    if random.chance(0.5) { visit.asksEvery = 75_000 }
    visit.closedBy = random.chance(0.07) ? nil : random.chance(0.85) ? .agent : .customer
    // The agent answers first; pauses stay well below the time after which silence closes a conversation.
    var after = 8_000 + Int64(random.share() * 25_000)
    var fromCustomer = false
    while after < service - 5_000 {
      visit.messages.append(.init(after: after, fromCustomer: fromCustomer))
      fromCustomer.toggle()
      after += 15_000 + Int64(random.share() * 45_000)
    }
    return visit
  }

  private static func shifts(of shop: ShopConfiguration) -> [ShiftChange] {
    let known = story.filter { shop.agents[$0.agent] != nil }
    let strangers = shop.agents.keys.filter { id in !story.contains { $0.agent == id } }
    return strangers.sorted().map { ShiftChange(at: begin, agent: $0, kind: .online) } + known
  }

  private static let story: [ShiftChange] = [
    change(0, "xiaoli", .online), change(5, "awang", .online), change(12, "chenjie", .online),
    change(25, "emma", .online), change(3 * 60, "xiaozhou", .online),
    change(6 * 60, "awang", .pause), change(9 * 60, "awang", .online),
    change(13 * 60, "chenjie", .offline), change(16 * 60, "tom", .online),
    change(18 * 60, "chenjie", .online), change(21 * 60, "xiaoli", .pause),
    change(24 * 60, "xiaoli", .online),
  ]

  private static func change(_ seconds: Int64, _ agent: String, _ kind: ShiftChange.Kind) -> ShiftChange {
    ShiftChange(at: begin + seconds * 1_000, agent: AgentID(unchecked: agent), kind: kind)
  }
}

/// Who comes to the demo shop, by the group that they want.
enum DemoPeople {
  struct Role: Sendable {
    var surnames: [String]
    var names: [String]
    var openings: [String]
  }

  static let roles = [
    Role(
      surnames: surnames, names: givenNames,
      openings: ["你好,在吗?", "这款龙井今年的新茶到了吗", "有没有适合送长辈的礼盒", "满减怎么算", "明前和雨前差多少钱"]),
    Role(
      surnames: surnames, names: givenNames,
      openings: ["快递三天没动了", "收到的茶叶罐破了", "怎么申请退货", "发票什么时候开", "少发了一包"]),
    Role(
      surnames: [""],
      names: [
        "James Wilson", "Sofia Rossi", "Liam O'Neil", "Anna Schmidt", "Yuki Tanaka",
        "Maria Silva", "Noah Brown", "Chloé Martin", "Ivan Petrov", "Grace Lee",
      ],
      openings: [
        "Hi, do you ship to Canada?", "Where is my order?", "Is the pu-erh organic?",
        "Can I pay by card?",
      ]),
  ]

  private static let surnames = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "周", "吴", "徐", "孙"]
  private static let givenNames = ["芳", "伟", "敏", "静", "磊", "洋", "秀英", "建国", "子涵", "雨桐", "晓明", "思远"]
}
