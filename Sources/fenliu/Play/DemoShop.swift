/// The shop that is played when no file is given.
enum DemoShop {
  /// The same text as `scripts/demo-shop.yaml` (a test compares them), so that a copied program needs no file.
  static let text = """
    # The shop of `scripts/demo` and `fenliu play`: a small tea shop that sells in China and abroad.
    #
    # Its day is played thirty times faster than it happens, so the times here are short: what would be ten
    # minutes in a real shop is 20s.
    shop: demo

    offline_grace: 500ms          # 15 s of the shop's day: a lost connection that comes back changes nothing

    groups:
      presale:
        name: 售前咨询
        strategy: least-loaded
        idle_timeout: 6s          # 3 minutes of silence
        queue: {limit: 30, handle_time: 8s, hide: {waiting: 10, wait: 60s}}
      aftersale:
        name: 售后服务
        strategy: longest-idle
        idle_timeout: 6s
        queue: {limit: 30, handle_time: 10s, hide: {waiting: 10, wait: 60s}}
      overseas:
        name: Overseas
        strategy: round-robin
        idle_timeout: 6s
        queue: {limit: 20, handle_time: 8s}

    agents:
      xiaoli: {name: 小李, groups: [presale], capacity: 3}
      awang: {name: 阿旺, groups: [presale, aftersale], capacity: 3}
      chenjie: {name: 陈姐, groups: [aftersale], capacity: 3}
      xiaozhou: {name: 小周, groups: [aftersale, presale], capacity: 2}
      emma: {name: Emma, groups: [overseas, presale], capacity: 3}
      tom: {name: Tom, groups: [overseas], capacity: 2}

    """
}
