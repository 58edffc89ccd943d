import CMicroHTTPD

/// A client's connection, as libmicrohttpd lends it to a callback.
///
/// The pointer is good until the request's completion is notified. Whoever keeps a handle longer than one callback
/// keeps it only while the connection is suspended, for then libmicrohttpd cannot close it.
@safe struct ConnectionHandle: Sendable {
    nonisolated(unsafe) private let connection: OpaquePointer

    init(_ connection: OpaquePointer) {
        unsafe self.connection = unsafe connection
    }

    /// The socket, or -1. It stays libmicrohttpd's.
    var descriptor: Int32 {
        unsafe cmicrohttpd_socket(connection)
    }

    /// What ``watchConnection`` left with the connection; `nil` once it is closed.
    var context: ConnectionContext? {
        guard let opaque = unsafe cmicrohttpd_socket_context(connection) else { return nil }
        return unsafe Unmanaged<ConnectionContext>.fromOpaque(opaque).takeUnretainedValue()
    }

    /// The connection's name in ``SocketWatch``.
    var ticket: SocketWatch.Ticket { context?.ticket ?? 0 }

    var remoteAddress: String {
        unsafe PeerAddress.text(of: cmicrohttpd_client_address(connection))
    }

    /// Stops libmicrohttpd from serving the connection. Only within one of its callbacks.
    func suspend() {
        unsafe MHD_suspend_connection(connection)
    }

    /// Undoes ``suspend()``, from any thread.
    func resume() {
        unsafe MHD_resume_connection(connection)
    }

    /// Copies the header lines out of libmicrohttpd's memory.
    func headers() -> HeaderFields {
        var fields: [HeaderField] = []
        unsafe withUnsafeMutablePointer(to: &fields) { list in
            _ = unsafe MHD_get_connection_values_n(
                connection, .HEADER_KIND,
                { list, _, name, nameCount, value, valueCount in
                    let name = unsafe UnsafeRawBufferPointer(start: name, count: nameCount)
                    let value = unsafe UnsafeRawBufferPointer(start: value, count: valueCount)
                    // White space around a value is no part of it (RFC 9110, 5.5); libmicrohttpd leaves the end.
                    let end = unsafe value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? 0
                    let field = unsafe HeaderField(
                        String(decoding: name, as: UTF8.self), String(decoding: value[..<end], as: UTF8.self))
                    unsafe list?.assumingMemoryBound(to: [HeaderField].self).pointee.append(field)
                    return .YES
                }, list)
        }
        return HeaderFields(fields)
    }

    /// Answers with `reply`. The result is the callback's: `.NO` closes the connection.
    func queue(_ reply: borrowing Reply) -> MHD_Result {
        unsafe reply.withHandle { handle in
            unsafe cmicrohttpd_queue(connection, reply.status, handle)
        }
    }
}
