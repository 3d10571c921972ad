import HiredisClient
import Synchronization

/// The pipelines that workers sent, for replaying: a stream for each partition, and one for the keeper.
final class BenchRecording: Sendable {
  static let streams = BenchWorld.partitions + 1
  private let streams = Mutex([[[UInt8]]](repeating: [], count: BenchRecording.streams))

  /// Keeps a pipeline.
  func keep(_ stream: Int, _ bytes: [UInt8]) {
    streams.withLock { $0[stream].append(bytes) }
  }

  /// Forgets everything.
  func clear() { streams.withLock { $0 = [[[UInt8]]](repeating: [], count: Self.streams) } }

  /// The pipelines of a stream, joined to about `size` bytes each, so that a replay waits rarely. Waits for events are left
  /// out, which would block it.
  ///
  /// - Parameter kept: whether a command with this name is sent; for a call of a function its name counts.
  func joined(_ stream: Int, size: Int, where kept: (String) -> Bool = { _ in true }) -> [RedisPipeline] {
    let pipelines = streams.withLock { $0[stream] }
    var joined: [RedisPipeline] = []
    var (bytes, count): ([UInt8], Int) = ([], 0)
    for pipeline in pipelines {
      for command in Self.commands(in: pipeline) where command.name != "BLMOVE" && kept(command.name) {
        bytes += pipeline[command.range]
        count += 1
      }
      if bytes.count >= size {
        joined.append(RedisPipeline(encoded: bytes, count: count))
        (bytes, count) = ([], 0)
      }
    }
    if count > 0 { joined.append(RedisPipeline(encoded: bytes, count: count)) }
    return joined
  }

  /// The commands in encoded bytes, and where they lie: by the function's name if it is a call, else by their own.
  static func commands(in bytes: [UInt8]) -> [(name: String, range: Range<Int>)] {
    var commands: [(String, Range<Int>)] = []
    var index = 0
    func number() -> Int {
      index += 1
      var value = 0
      while bytes[index] != UInt8(ascii: "\r") {
        value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        index += 1
      }
      index += 2
      return value
    }
    while index < bytes.count {
      let start = index
      let words = number()
      var name = ""
      for word in 0..<words {
        let length = number()
        if word == 0 || word == 1 && name == "FCALL" {
          name = String(decoding: bytes[index..<index + length], as: UTF8.self)
        }
        index += length + 2
      }
      commands.append((name, start..<index))
    }
    return commands
  }
}
