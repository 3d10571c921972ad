extension RedisPipeline {
  /// The commands at these positions (in ascending order), as a pipeline of their own.
  ///
  /// The bytes are walked rather than an index kept: this is for the rare re-sending, and every other
  /// pipeline shall not pay for it.
  func selecting(_ positions: [Int]) -> RedisPipeline {
    var selected = RedisPipeline()
    var wanted = positions[...]
    var offset = 0
    var position = 0
    while let next = wanted.first, offset < bytes.count {
      let end = endOfCommand(at: offset)
      if position == next {
        selected.appendEncoded(bytes[offset..<end])
        wanted.removeFirst()
      }
      offset = end
      position += 1
    }
    return selected
  }

  /// The position behind the command that starts at `start`, in bytes that this type has encoded itself.
  private func endOfCommand(at start: Int) -> Int {
    var offset = start
    let words = number(at: &offset)
    for _ in 0..<words {
      let length = number(at: &offset)
      offset += length + 2
    }
    return offset
  }

  /// Reads `*12\r\n` or `$12\r\n` and moves behind it.
  private func number(at offset: inout Int) -> Int {
    var value = 0
    offset += 1
    while offset < bytes.count, bytes[offset] != 13 {
      value = value * 10 + Int(bytes[offset] - UInt8(ascii: "0"))
      offset += 1
    }
    offset += 2
    return value
  }
}
