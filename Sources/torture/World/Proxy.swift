import Foundation
import Proving
import Synchronization

/// A small proxy between workers and Redis that can spoil a connection at any byte.
///
/// Two threads for each connection, one for each way. What is to be spoilt is asked for before each piece is passed on.
final class Proxy: Sendable {
  /// What happens to the bytes of one direction.
  enum Way: Sendable {
    case request
    case reply
  }

  /// What shall be done next with a piece of bytes.
  enum Act: Sendable {
    /// Passed on as it is.
    case pass
    /// So many bytes are passed on, then both sides are closed.
    case cut(Int)
    /// So many bytes are passed on, then both sides are closed with a TCP reset.
    case reset(Int)
    /// Passed on after a pause.
    case delay(Duration)
    /// Passed on byte by byte, each in a segment of its own.
    case drip
    /// Swallowed, and everything after it on this connection: open, but dead.
    case swallow
    /// Something that is not the protocol goes before it.
    case garble([UInt8])
  }

  /// Decides about each piece; called on the proxy's threads.
  typealias Rule = @Sendable (Way, ArraySlice<UInt8>) -> Act

  /// Where workers find Redis.
  let url: String
  private let target: String
  private let listener: Int32
  private let rule = Mutex<Rule>({ _, _ in .pass })
  private let open = Mutex<(isStopped: Bool, sockets: Set<Int32>)>((false, []))

  /// Listens, and passes on to the server behind a Unix socket.
  init(to target: String) throws {
    self.target = target
    let port: UInt16
    (listener, port) = try listenOnLoopback()
    url = "redis://127.0.0.1:\(port)"
    let listener = listener
    Thread.detachNewThread { [weak self] in
      while let socket = nextClient(of: listener) {
        guard let self else {
          close(socket)
          break
        }
        self.serve(socket)
      }
      close(listener)
    }
  }

  deinit { stop() }

  /// From now on this is done.
  func use(_ new: @escaping Rule) { rule.withLock { $0 = new } }

  /// Ends all connections; later ones go through again.
  func cutAll() {
    open.withLock { open in
      for socket in open.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  /// Ends all connections and listens no more. Once only: the listener's number may be somebody else's by the second time.
  func stop() {
    open.withLock { open in
      guard !open.isStopped else { return }
      open.isStopped = true
      shutdown(listener, Int32(SHUT_RDWR))
      for socket in open.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  private func serve(_ client: Int32) {
    var on: Int32 = 1
    setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    guard let server = connect(), register(client, server) else {
      close(client)
      return
    }
    let ways = Mutex(2)
    let end: @Sendable () -> Void = { [self] in
      // Whoever ends last closes both, so that no number is used again while the other still has it.
      shutdown(client, Int32(SHUT_RDWR))
      shutdown(server, Int32(SHUT_RDWR))
      let isLast = ways.withLock { left in
        left -= 1
        return left == 0
      }
      guard isLast else { return }
      open.withLock { open in
        open.sockets.subtract([client, server])
        close(client)
        close(server)
      }
    }
    Thread.detachNewThread {
      self.carry(.request, from: client, to: server)
      end()
    }
    Thread.detachNewThread {
      self.carry(.reply, from: server, to: client)
      end()
    }
  }

  /// Passes on in one direction until an end.
  private func carry(_ way: Way, from source: Int32, to sink: Int32) {
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      let piece = buffer[..<count]
      let act = rule.withLock { $0 }(way, piece)
      switch act {
      case .pass: guard transmit(piece, to: sink) else { return }
      case .cut(let length):
        _ = transmit(piece.prefix(length), to: sink)
        return
      case .reset(let length):
        _ = transmit(piece.prefix(length), to: sink)
        for socket in [source, sink] {
          var setting = linger(l_onoff: 1, l_linger: 0)
          setsockopt(socket, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        }
        return
      case .delay(let time):
        usleep(UInt32(time / .microseconds(1)))
        guard transmit(piece, to: sink) else { return }
      case .drip:
        for index in piece.indices {
          guard transmit(piece[index...index], to: sink) else { return }
          if index % 64 == 0 { usleep(200) }
        }
      case .swallow: while recv(source, &buffer, buffer.count, 0) > 0 {}
      case .garble(let text):
        guard transmit(text[...], to: sink), transmit(piece, to: sink) else { return }
      }
    }
  }

  private func transmit(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
    var rest = bytes
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  private func register(_ client: Int32, _ server: Int32) -> Bool {
    open.withLock { open in
      guard !open.isStopped else {
        close(server)
        return false
      }
      open.sockets.formUnion([client, server])
      return true
    }
  }

  private func connect() -> Int32? {
    let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard server >= 0 else { return nil }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: target.utf8.prefix($0.count - 1)) }
    let status = withUnsafePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      close(server)
      return nil
    }
    return server
  }
}
