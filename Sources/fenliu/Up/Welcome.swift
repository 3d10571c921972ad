import Foundation
import HiredisClient
import Routing

/// What `fenliu up` prints when events are served.
struct Welcome: Sendable {
  /// The URL for other commands.
  var url: String
  /// How redis-cli is told the server: `-s …` or `-u …`.
  var cliAddress: String
  /// The data directory and the log; nil with a server that runs elsewhere.
  var data: (path: String, log: String, flush: PrivateRedis.Flush)?
  /// The port on 127.0.0.1, if there is one.
  var port: UInt16?
  var workers: Int
  var prefix: String

  func text(_ shops: [UpRouter.ShopView]) -> String {
    var lines = ["Fenliu is up."]
    func row(_ name: String, _ value: String) {
      lines.append("  " + name.padding(toLength: 9, withPad: " ", startingAt: 0) + value)
    }
    if shops.isEmpty { row("shop", "none yet: fenliu apply SHOP.yaml") }
    for shop in shops.prefix(10) {
      row("shop", "\(shop.shop), version \(shop.version)\(shop.file.map { ", from \($0)" } ?? "")")
    }
    if shops.count > 10 { row("", "and \(shops.count - 10) more") }
    row("redis", url + (port.map { "  and  redis://127.0.0.1:\($0)" } ?? ""))
    if let data {
      let flush = data.flush == .always ? "flushed before each answer" : "flushed once a second"
      row("data", "\(data.path)  (append-only file, \(flush))")
      row("log", data.log)
    }
    row("router", workers == 1 ? "one worker in this process" : "\(workers) workers in this process")

    let shop = shops.first
    let name = shop?.shop.rawValue ?? "SHOP"
    let tag = Shell.quoted("\(prefix == "fl:" ? "" : prefix){\(shop?.shard ?? 0)}")
    let cli = "  redis-cli \(cliAddress) FCALL_RO"
    lines.append("Look inside, from another terminal:")
    lines.append("\(cli) fl_queue 1 \(tag) \(name) \(shop?.group ?? "GROUP")")
    lines.append("\(cli) fl_agents 1 \(tag) \(name)")
    lines.append("\(cli) fl_check 1 \(tag)")
    lines.append("For other fenliu commands:  export FENLIU_REDIS=\(Shell.quoted(url))")
    lines.append(data == nil ? "Ctrl-C ends the router." : "Ctrl-C ends all of it; the data stays.")
    return lines.joined(separator: "\n")
  }
}

/// Text for a shell.
enum Shell {
  /// The options by which `redis-cli` reaches a deployment.
  static func cliAddress(_ deployment: RedisDeployment) -> String {
    switch deployment.address {
    case .unix(let path): "-s \(quoted(path))"
    case .sentinel: "-h PRIMARY"
    case .cluster(let cluster, _): cluster.seeds.first.map { "-c -h \($0.host) -p \($0.port)" } ?? "-c"
    case .tcp: "-u \(quoted(deployment.description))"
    }
  }

  /// The text as one word of a shell.
  static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
        UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "%"):
        true
      default: false
      }
    }
    return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
