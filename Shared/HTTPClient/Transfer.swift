import CCurl

/// One running call: its handle, what has come of the answer, and who waits for it.
///
/// It lives on the loop's thread alone; libcurl's callbacks run there too.
final class Transfer {
    typealias Completion = @Sendable (Result<ClientResponse, ClientError>) -> Void

    let id: UInt64
    private let request: ClientRequest
    private let handle: EasyHandle
    private let complete: Completion

    private var headers = ResponseHeaders()
    private var headerBytes = 0
    /// Whether a status line came.
    private var hasStatus = false
    /// Whether the blank line came that ends the header.
    private var hasWholeHeader = false
    private var hasBody = false
    private var body: [UInt8] = []
    private var tlsVersion: String?
    /// Why a callback stopped the transfer itself.
    private var stop: Stop?

    private enum Stop {
        case bodyIsTooLong
        case headerIsTooLong
    }

    /// A header beyond this is no answer to anything we ask.
    private static let longestHeader = 256 << 10

    init(_ submission: Submission, handle: consuming EasyHandle) {
        id = submission.id
        request = submission.request
        complete = submission.complete
        self.handle = handle
    }

    /// Names the transfer in libcurl's messages.
    var identity: UInt { handle.identity }

    /// Hands the transfer to libcurl. It must be kept until it is removed again.
    func start(on multi: UnsafeMutableRawPointer) -> Bool {
        unsafe handle.setCallbacks(
            header: { bytes, size, count, context in
                unsafe Transfer.of(context)?.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
            },
            body: { bytes, size, count, context in
                unsafe Transfer.of(context)?.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ?? 0
            },
            context: Unmanaged.passUnretained(self).toOpaque())
        return unsafe handle.add(to: multi)
    }

    func remove(from multi: UnsafeMutableRawPointer) {
        unsafe handle.remove(from: multi)
    }

    func finish(_ code: CURLcode) {
        let cutAsAsked = stop == .bodyIsTooLong && request.keepsBodyBeyondLimit
        if code == CURLE_OK, !hasWholeHeader {
            // libcurl takes a connection that closes within the header for an answer without a body.
            fail(.protocolViolation, "the answer broke off within its header")
        } else if code == CURLE_OK || cutAsAsked {
            complete(.success(answer(truncated: cutAsAsked)))
        } else {
            fail(failure(code), explain(code))
        }
    }

    func cancel(_ message: String) {
        fail(.cancelled, message)
    }

    private func fail(_ kind: ClientError.Kind, _ message: String) {
        complete(
            .failure(
                ClientError(
                    kind, message, timings: handle.timings, remoteAddress: handle.remoteAddress,
                    partialResponse: hasStatus ? answer(truncated: true) : nil)))
    }

    private func answer(truncated: Bool) -> ClientResponse {
        ClientResponse(
            status: handle.status, headers: headers, body: body, truncated: truncated,
            timings: handle.timings, remoteAddress: handle.remoteAddress,
            httpVersion: handle.httpVersion, tlsVersion: tlsVersion)
    }

    private func failure(_ code: CURLcode) -> ClientError.Kind {
        if stop != nil || isHeaderBeyondCurl(code) { return .tooLarge }
        return ClientError.Kind(code)
    }

    private func explain(_ code: CURLcode) -> String {
        switch stop {
        case .bodyIsTooLong: "the body is longer than \(request.maximumBodyBytes) bytes"
        case .headerIsTooLong: "the header is longer than \(Self.longestHeader) bytes"
        case nil: isHeaderBeyondCurl(code) ? "a line of the header is too long" : handle.explain(code)
        }
    }

    /// libcurl holds one line of a header; what it does not take (100 kB) it calls a lack of memory.
    private func isHeaderBeyondCurl(_ code: CURLcode) -> Bool {
        code == CURLE_OUT_OF_MEMORY && !hasWholeHeader
    }

    @unsafe private static func of(_ context: UnsafeMutableRawPointer?) -> Transfer? {
        unsafe context.map { unsafe Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    /// libcurl brings one line at a time. Interim answers (RFC 9110, section 15.2) come first and are dropped;
    /// trailers come after the body and are dropped too.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard hasBody == false else { return bytes.count }
        headerBytes += bytes.count
        guard headerBytes <= Self.longestHeader else {
            stop = .headerIsTooLong
            return 0
        }
        let line = unsafe String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers = ResponseHeaders()
            hasStatus = true
            hasWholeHeader = false
            tlsVersion = handle.tlsVersion
        } else if line == "\r\n" || line == "\n" {
            hasWholeHeader = true
        } else if let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = line[line.utf8.index(after: colon)...].filter { $0 != "\r\n" && $0 != "\n" && $0 != "\r" }
            headers.append(HeaderLine(String(line[..<colon]), String(String(value).trimmingSpaces())))
        }
        return bytes.count
    }

    /// Any count but that of the bytes stops the transfer.
    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        hasBody = true
        let room = request.maximumBodyBytes - body.count
        guard bytes.count <= room else {
            stop = .bodyIsTooLong
            if request.keepsBodyBeyondLimit { unsafe body.append(contentsOf: bytes.prefix(room)) }
            return 0
        }
        unsafe body.append(contentsOf: bytes)
        return bytes.count
    }
}

extension ClientError.Kind {
    /// The step that a code of libcurl belongs to.
    fileprivate init(_ code: CURLcode) {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            self = .dns
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED:
            self = .connect
        case CURLE_OPERATION_TIMEDOUT:
            self = .timeout
        case CURLE_URL_MALFORMAT:
            self = .invalidURL
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_INITFAILED, CURLE_USE_SSL_FAILED,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CRL_BADFILE:
            self = .tls
        case CURLE_FILESIZE_EXCEEDED:
            self = .tooLarge
        default:
            self = .protocolViolation
        }
    }
}
