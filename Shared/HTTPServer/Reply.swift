import CMicroHTTPD

/// A ``Response`` in libmicrohttpd's form. Uniquely owned, so it is destroyed exactly once.
@safe struct Reply: ~Copyable {
    private let handle: OpaquePointer
    let status: UInt32

    /// libmicrohttpd writes these; a handler's own would contradict them.
    static let reserved = ["Content-Length", "Transfer-Encoding", "Connection", "Date"]

    /// How much of a stream libmicrohttpd asks for at once.
    private static let streamBlock = 32 << 10

    init?(_ response: Response, closing: Bool, pump: StreamPump?) {
        let created: OpaquePointer?
        switch (response.body, pump) {
        case (.bytes(let bytes), _):
            unsafe created = unsafe bytes.withUnsafeBytes { buffer in
                // The pointer is only read: libmicrohttpd copies the bytes before it returns.
                let start = unsafe UnsafeMutableRawPointer(mutating: buffer.baseAddress)
                return unsafe MHD_create_response_from_buffer(buffer.count, start, .RESPMEM_MUST_COPY)
            }
        case (.stream, let pump?):
            let context = unsafe Unmanaged.passRetained(pump)
            unsafe created = unsafe MHD_create_response_from_callback(
                cmicrohttpd_size_unknown(), Self.streamBlock, readStream, context.toOpaque(), releaseStream)
            if unsafe created == nil { unsafe context.release() }
        case (.stream, nil):
            return nil
        }
        guard let handle = unsafe created else { return nil }
        unsafe self.handle = unsafe handle
        status = UInt32(response.status)
        for field in response.headers where Self.reserved.allSatisfy({ field.isNamed($0) == false }) {
            add(field)
        }
        if closing { add(HeaderField("Connection", "close")) }
    }

    deinit {
        unsafe MHD_destroy_response(handle)
    }

    /// libmicrohttpd refuses a field with a line break in it; then the field is left out, and nothing can be smuggled.
    private func add(_ field: HeaderField) {
        _ = unsafe MHD_add_response_header(handle, field.name, field.value)
    }

    /// Lends the response. libmicrohttpd counts its own references to it.
    func withHandle<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        unsafe body(handle)
    }
}
