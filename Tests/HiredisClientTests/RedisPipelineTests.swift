import Testing

@testable import HiredisClient

/// What goes over the wire, byte for byte.
@Suite struct RedisPipelineTests {
  private func encoded(_ build: (inout RedisPipeline) -> Void) -> String {
    var pipeline = RedisPipeline()
    build(&pipeline)
    #expect(pipeline.isComplete)
    return String(decoding: pipeline.bytes, as: UTF8.self)
  }

  @Test func encodesWordsAsTheyAreBytes() {
    #expect(encoded { $0.append("PING") } == "*1\r\n$4\r\nPING\r\n")
    #expect(encoded { $0.append("SET", "客户", "") } == "*3\r\n$3\r\nSET\r\n$6\r\n客户\r\n$0\r\n\r\n")
    #expect(encoded { $0.append(["GET", "a b\r\nc"]) } == "*2\r\n$3\r\nGET\r\n$6\r\na b\r\nc\r\n")
  }

  @Test(
    arguments: [
      0, 1, 9, 10, 11, 99, 100, 12_345_678_901, -1, -10, 999_999_999_999_999_999, .max, .min,
    ] as [Int64])
  func encodesNumbers(_ number: Int64) {
    let text = String(number)
    #expect(
      encoded {
        $0.begin(1)
        $0.word(number)
      } == "*1\r\n$\(text.utf8.count)\r\n\(text)\r\n")
  }

  @Test func encodesBytesOfEveryCollection() {
    let bytes: [UInt8] = [0, 255, 13, 10]
    var pipeline = RedisPipeline()
    pipeline.begin(3)
    pipeline.word(bytes)
    pipeline.word(bytes[1...2])
    bytes.withUnsafeBufferPointer { pipeline.word($0) }
    let expected =
      Array("*3\r\n$4\r\n".utf8) + bytes + Array("\r\n$2\r\n".utf8) + [255, 13] + Array("\r\n$4\r\n".utf8)
      + bytes + [13, 10]
    #expect(pipeline.bytes == expected)
  }

  @Test func knowsWhetherItIsComplete() {
    var pipeline = RedisPipeline()
    #expect(pipeline.isComplete && pipeline.isEmpty)
    pipeline.begin(2)
    pipeline.word("GET")
    #expect(!pipeline.isComplete)
    pipeline.begin(1)
    pipeline.word("PING")
    // The words add up again, but in the wrong places.
    #expect(!pipeline.isComplete && pipeline.count == 2)
    pipeline.removeAll()
    #expect(pipeline.isComplete && pipeline.isEmpty && pipeline.bytes.isEmpty)
    pipeline.append("PING")
    pipeline.begin(1)
    pipeline.word("GET")
    pipeline.word("one too many")
    #expect(!pipeline.isComplete)
    var empty = RedisPipeline()
    empty.append([String]())
    #expect(!empty.isComplete)
  }

  @Test func joinsPipelines() {
    var first = RedisPipeline()
    first.append("PING")
    var second = RedisPipeline()
    second.append("GET", "a")
    first.append(second)
    #expect(first.count == 2 && first.isComplete)
    #expect(
      String(decoding: first.bytes, as: UTF8.self) == "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$1\r\na\r\n")
  }

  @Test func selectsCommandsWhateverTheyContain() {
    var all = RedisPipeline()
    for index in 0..<20 {
      all.append("SET", "key \(index)", String(repeating: "*1\r\n$1\r\n", count: index))
    }
    var expected = RedisPipeline()
    for index in [0, 7, 19] {
      expected.append("SET", "key \(index)", String(repeating: "*1\r\n$1\r\n", count: index))
    }
    let selected = all.selecting([0, 7, 19])
    #expect(selected.bytes == expected.bytes && selected.count == 3 && selected.isComplete)
    #expect(all.selecting([]).isEmpty)
  }
}
