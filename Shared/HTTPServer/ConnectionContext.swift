/// What the server keeps with one connection from its first byte to its last.
///
/// Touched only by the one thread that serves the connection; the ticket is a constant.
final class ConnectionContext {
    /// The connection's name in ``SocketWatch``.
    let ticket: SocketWatch.Ticket
    let server: ServerCore
    /// The request that is under way.
    var transaction: Transaction?

    init(ticket: SocketWatch.Ticket, server: ServerCore) {
        self.ticket = ticket
        self.server = server
    }
}
