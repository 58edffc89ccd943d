import CMicroHTTPD
import Glibc

// libmicrohttpd calls these on its own threads. They are top-level functions of a library target, so no actor is
// inferred for them.

/// `MHD_OPTION_URI_LOG_CALLBACK`: the first call of a request, with the raw target. Its result becomes the request's
/// context.
func beginRequest(
    core: UnsafeMutableRawPointer?, target: UnsafePointer<CChar>?, connection: OpaquePointer?
) -> UnsafeMutableRawPointer? {
    let transaction = unsafe Transaction(target: target)
    if let connection = unsafe connection { unsafe ConnectionHandle(connection).context?.transaction = transaction }
    return unsafe Unmanaged.passRetained(transaction).toOpaque()
}

/// `MHD_AccessHandlerCallback`.
func handleRequest(
    core: UnsafeMutableRawPointer?, connection: OpaquePointer?, path: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, piece: UnsafePointer<CChar>?,
    pieceCount: UnsafeMutablePointer<Int>?, context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let core = unsafe core, let connection = unsafe connection, let method = unsafe method,
        let pieceCount = unsafe pieceCount, let context = unsafe context?.pointee
    else { return .NO }
    let server = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    let transaction = unsafe Unmanaged<Transaction>.fromOpaque(context).takeUnretainedValue()
    let bytes = unsafe UnsafeRawBufferPointer(start: piece, count: pieceCount.pointee)
    // All of the piece is taken. On the first call there is none.
    unsafe pieceCount.pointee = 0
    let handle = unsafe ConnectionHandle(connection)
    return unsafe server.handle(transaction, handle, method: String(cString: method), piece: bytes)
}

/// `MHD_OPTION_NOTIFY_COMPLETED`: the request is over, answered or not; its context is released here and only here.
func endRequest(
    core: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, reason: MHD_RequestTerminationCode
) {
    guard let core = unsafe core, let opaque = unsafe context?.pointee else { return }
    unsafe context?.pointee = nil
    if let connection = unsafe connection { unsafe ConnectionHandle(connection).context?.transaction = nil }
    let transaction = unsafe Unmanaged<Transaction>.fromOpaque(opaque).takeRetainedValue()
    let server = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    server.end(transaction, isComplete: reason == .REQUEST_TERMINATED_COMPLETED_OK)
}

/// `MHD_OPTION_NOTIFY_CONNECTION`: a connection begins, or is about to be closed; its context lives in between.
func watchConnection(
    core: UnsafeMutableRawPointer?, connection: OpaquePointer?,
    context: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, change: MHD_ConnectionNotificationCode
) {
    guard let core = unsafe core, let connection = unsafe connection, let context = unsafe context else { return }
    let server = unsafe Unmanaged<ServerCore>.fromOpaque(core).takeUnretainedValue()
    let watch = server.sockets.watch
    switch change {
    case .CONNECTION_NOTIFY_STARTED:
        let ticket = unsafe watch.opened(ConnectionHandle(connection).descriptor)
        let new = ConnectionContext(ticket: ticket, server: server)
        unsafe context.pointee = Unmanaged.passRetained(new).toOpaque()
    case .CONNECTION_NOTIFY_CLOSED:
        guard let opaque = unsafe context.pointee else { return }
        unsafe context.pointee = nil
        watch.closed(unsafe Unmanaged<ConnectionContext>.fromOpaque(opaque).takeRetainedValue().ticket)
    @unknown default:
        break
    }
}

/// Answers a request that libmicrohttpd cannot read. Not 0 if it has been answered.
func answerUnreadable(connection: OpaquePointer?, status: UInt32) -> Int32 {
    guard let connection = unsafe connection else { return 0 }
    let handle = unsafe ConnectionHandle(connection)
    guard let context = handle.context, let fault = Fault(unreadable: status, context.server.settings) else { return 0 }
    context.server.refuse(fault, context.transaction, handle)
    return 1
}

/// `MHD_OPTION_UNESCAPE_CALLBACK`: leaves the text as it is. ``RequestTarget`` decodes it, and sees what is wrong.
func leaveEscaped(
    context: UnsafeMutableRawPointer?, connection: OpaquePointer?, text: UnsafeMutablePointer<CChar>?
) -> Int {
    guard let text = unsafe text else { return 0 }
    return unsafe strlen(text)
}
