import Foundation
import Synchronization

/// A TCP port of this machine that nobody listens on.
///
/// It is chosen below the range from which the system takes the ports of outgoing connections, so that these
/// do not take it in the meantime.
///
/// - Parameter forNode: whether the port 10,000 above shall be free too, as a cluster's node needs it.
public func freePort(forNode: Bool = false) throws -> UInt16 {
  for _ in 0..<100 {
    let port = UInt16.random(in: 12_000..<(forNode ? 22_000 : 32_000))
    guard let (socket, _) = try? listenOnLoopback(port: port) else { continue }
    close(socket)
    if forNode {
      guard let (bus, _) = try? listenOnLoopback(port: port + 10_000) else { continue }
      close(bus)
    }
    return port
  }
  throw SystemFailure("bind", EADDRINUSE)
}

/// A listening, non-blocking socket on this port, or on one of the system's choice.
package func listenOnLoopback(port: UInt16 = 0) throws -> (socket: Int32, port: UInt16) {
  let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
  let listener = socket(AF_INET, kind, 0)
  guard listener >= 0 else { throw SystemFailure("socket", errno) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  let status = withUnsafeMutablePointer(to: &address) { address in
    address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
      guard bind(listener, address, size) == 0, listen(listener, 16) == 0 else { return Int32(-1) }
      return getsockname(listener, address, &size)
    }
  }
  guard status == 0 else {
    let code = errno
    close(listener)
    throw SystemFailure("listen", code)
  }
  return (listener, UInt16(bigEndian: address.sin_port))
}

/// Waits for a client; nil when the listener has been shut down.
package func nextClient(of listener: Int32) -> Int32? {
  while true {
    var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    poll(&watched, 1, -1)
    // `accept4`, which could set close-on-exec at once, is not visible here.
    let socket = spawning.withLock { _ in
      let socket = accept(listener, nil, nil)
      if socket >= 0 { _ = fcntl(socket, F_SETFD, FD_CLOEXEC) }
      return socket
    }
    if socket >= 0 { return socket }
    guard [EAGAIN, EINTR, ECONNABORTED].contains(errno) else { return nil }
  }
}
