/// An open socket that ends from outside when its server is not the right one any more. It must be released before
/// the socket is closed, since the system gives its number to the next one.
final class GuardedSocket: Sendable {
  private let release: @Sendable () -> Void

  /// `release` is called once nobody guards the socket any more.
  init(release: @escaping @Sendable () -> Void) { self.release = release }

  deinit { release() }
}
