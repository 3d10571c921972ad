import Foundation
public import HiredisClient
import Synchronization

/// A server that misbehaves as told: it hangs, drips, closes or resets in the middle, or sends nonsense.
///
/// Every connection is played the same steps from the first to the last, or those of its number; after that it hangs
/// until the client goes away.
public final class FakeServer: Sendable {
  /// What it does on a connection.
  public enum Step: Sendable {
    /// Takes the client's greeting (`CLIENT SETNAME`, `CLIENT ID`) and answers it as Redis would.
    case greet
    /// Waits until something comes, and takes what is there.
    case receive
    /// Sends this text.
    case send(String)
    /// Sends this text byte by byte, with a pause before each.
    case drip(String, every: Duration)
    /// Closes the connection.
    case close
    /// Closes the connection with a TCP reset.
    case reset
    /// Neither reads nor sends until the client goes away.
    case hang
  }

  /// Its TCP port on 127.0.0.1.
  public let port: UInt16
  private let listener: Int32
  private let open = Mutex<(isStopped: Bool, sockets: Set<Int32>)>((false, []))

  /// Listens, and plays `steps` on every connection.
  public convenience init(_ steps: [Step]) throws { try self.init { _ in steps } }

  /// Listens, and plays on each connection the steps for its number, from 0.
  public init(_ steps: @escaping @Sendable (Int) -> [Step]) throws {
    (listener, port) = try listenOnLoopback()
    let listener = listener
    Thread.detachNewThread { [weak self] in
      var number = 0
      while true {
        guard let socket = nextClient(of: listener) else { break }
        guard let server = self, server.register(socket) else {
          Foundation.close(socket)
          break
        }
        let steps = steps(number)
        number += 1
        Thread.detachNewThread { [weak server] in
          Self.play(steps, on: socket)
          server?.forget(socket)
          Foundation.close(socket)
        }
      }
      Foundation.close(listener)
    }
  }

  deinit { stop() }

  /// Where it is.
  public var endpoint: RedisEndpoint { RedisEndpoint(.tcp(host: "127.0.0.1", port: port)) }

  /// Ends all connections and listens no more.
  public func stop() {
    open.withLock { open in
      guard !open.isStopped else { return }
      open.isStopped = true
      // Wakes the threads that wait in `accept` and `recv`, which then close what they have.
      shutdown(listener, Int32(SHUT_RDWR))
      for socket in open.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  private func register(_ socket: Int32) -> Bool {
    open.withLock { open in
      guard !open.isStopped else { return false }
      open.sockets.insert(socket)
      return true
    }
  }

  private func forget(_ socket: Int32) {
    open.withLock { open in _ = open.sockets.remove(socket) }
  }

  private static func play(_ steps: [Step], on socket: Int32) {
    for step in steps {
      switch step {
      case .greet:
        guard receive(socket) else { return }
        guard transmit("+OK\r\n:7\r\n", to: socket) else { return }
      case .receive:
        guard receive(socket) else { return }
      case .send(let text):
        guard transmit(text, to: socket) else { return }
      case .drip(let text, let pause):
        for byte in text.utf8 {
          usleep(UInt32(pause / .microseconds(1)))
          guard transmit(String(UnicodeScalar(byte)), to: socket) else { return }
        }
      case .close: return
      case .reset:
        var setting = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        return
      case .hang: break
      }
    }
    // Until the client goes away or the server is stopped.
    while receive(socket) {}
  }

  /// Takes what is there; false when the connection has ended.
  private static func receive(_ socket: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    return recv(socket, &buffer, buffer.count, 0) > 0
  }

  private static func transmit(_ text: String, to socket: Int32) -> Bool {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }
}
