import CCurl

/// One libcurl transfer handle with its header list and its error text. Freed exactly once.
@safe struct EasyHandle: ~Copyable {
    private let easy: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var lines: UnsafeMutablePointer<curl_slist>?
    private var route: UnsafeMutablePointer<curl_slist>?

    /// A transfer slower than this for this long has died.
    private static let slowestBytesPerSecond = 10
    private static let slownessSeconds = 30

    init?() {
        guard let easy = unsafe curl_easy_init() else { return nil }
        unsafe self.easy = unsafe easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe lines = nil
        unsafe route = nil
        unsafe text(CURLOPT_ERRORBUFFER, pointer: errorText)
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(lines)
        unsafe curl_slist_free_all(route)
        unsafe errorText.deallocate()
    }

    /// Names the handle among the running ones.
    var identity: UInt { UInt(bitPattern: unsafe easy) }

    /// What holds for every call.
    func setRules(userAgent: String, authorities: String?) {
        // Signals cannot be used for time-outs where there are threads.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // An empty proxy and an all-embracing exception: the environment has no say.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        set(CURLOPT_LOW_SPEED_LIMIT, Self.slowestBytesPerSecond)
        set(CURLOPT_LOW_SPEED_TIME, Self.slownessSeconds)
        set(CURLOPT_USERAGENT, userAgent)
        if let authorities { set(CURLOPT_CAINFO, authorities) }
    }

    /// What this call asks for.
    mutating func set(_ request: ClientRequest) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        set(CURLOPT_TIMEOUT_MS, request.totalTimeout.wholeMilliseconds)
        setMethod(request)
        // An empty value asks for everything that libcurl can decode.
        if request.acceptsCompression { set(CURLOPT_ACCEPT_ENCODING, "") }
        // Waiting for `100 Continue` would cost a second with servers that never say it, and libcurl's own content
        // type would be wrong.
        var lines = ["Expect:"]
        if request.headers.allSatisfy({ $0.isNamed("Content-Type") == false }) { lines.append("Content-Type:") }
        // libcurl spells a field without a value with a semicolon; a colon would take the field away.
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines { unsafe self.lines = unsafe curl_slist_append(self.lines, line) }
        _ = unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, self.lines)
        if let pin = request.pinnedAddress { dialOnly(pin) }
    }

    /// CURLOPT_CONNECT_TO and not CURLOPT_RESOLVE: both leave `Host` and the certificate's name alone, but with the
    /// latter libcurl would reuse an open connection to another address of the same host, and would remember the
    /// address for calls without a pin. Host and port are left out, so it holds for whatever the URL says.
    private mutating func dialOnly(_ pin: PinnedAddress) {
        let address = pin.address.contains(":") ? "[\(pin.address)]" : pin.address
        unsafe route = unsafe curl_slist_append(nil, "::\(address):\(pin.port)")
        _ = unsafe ccurl_set_list(easy, CURLOPT_CONNECT_TO, route)
    }

    private func setMethod(_ request: ClientRequest) {
        let bodyIsExpected = ["POST", "PUT", "PATCH"].contains(request.method)
        if let body = request.body ?? (bodyIsExpected ? [] : nil) {
            set(CURLOPT_POSTFIELDSIZE_LARGE, size: body.count)
            _ = unsafe body.withUnsafeBytes { bytes in
                unsafe ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
            }
            // Without a pointer libcurl would read the body from a callback.
            if body.isEmpty { set(CURLOPT_COPYPOSTFIELDS, "") }
            set(CURLOPT_CUSTOMREQUEST, request.method)
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else {
            set(CURLOPT_HTTPGET, 1)
            set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    /// `context` is passed to both callbacks and must live until the transfer has ended.
    func setCallbacks(
        header: ccurl_data_callback, body: ccurl_data_callback, context: UnsafeMutableRawPointer
    ) {
        _ = unsafe ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION, header)
        _ = unsafe ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
        _ = unsafe ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION, body)
        _ = unsafe ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    }

    func add(to multi: UnsafeMutableRawPointer) -> Bool {
        unsafe curl_multi_add_handle(multi, easy) == CURLM_OK
    }

    func remove(from multi: UnsafeMutableRawPointer) {
        unsafe curl_multi_remove_handle(multi, easy)
    }
}

extension EasyHandle {
    var status: Int { number(CURLINFO_RESPONSE_CODE) }

    var remoteAddress: String? {
        guard let text = unsafe ccurl_get_text(easy, CURLINFO_PRIMARY_IP) else { return nil }
        let address = unsafe String(cString: text)
        return address.isEmpty ? nil : address
    }

    var httpVersion: String {
        switch number(CURLINFO_HTTP_VERSION) {
        case CURL_HTTP_VERSION_1_0: "1.0"
        case CURL_HTTP_VERSION_2_0: "2"
        case CURL_HTTP_VERSION_3: "3"
        default: "1.1"
        }
    }

    /// Only from within a callback of the running transfer.
    var tlsVersion: String? {
        unsafe ccurl_tls_version(easy).map { unsafe String(cString: $0) }
    }

    var timings: Timings {
        let dns = microseconds(CURLINFO_NAMELOOKUP_TIME_T)
        let connected = microseconds(CURLINFO_CONNECT_TIME_T)
        let secured = microseconds(CURLINFO_APPCONNECT_TIME_T)
        return Timings(
            dns: dns / 1_000, connect: max(0, connected - dns) / 1_000, tls: max(0, secured - connected) / 1_000,
            firstByte: microseconds(CURLINFO_STARTTRANSFER_TIME_T) / 1_000,
            total: microseconds(CURLINFO_TOTAL_TIME_T) / 1_000)
    }

    /// libcurl's account of a failure, the detailed one where there is one.
    func explain(_ code: CURLcode) -> String {
        let detail = unsafe String(cString: errorText)
        return detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe ccurl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    private func microseconds(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return unsafe ccurl_get_size(easy, info, &value) == CURLE_OK ? Int(value) : 0
    }

    private func set(_ option: CURLoption, _ value: Int) {
        _ = unsafe ccurl_set_long(easy, option, value)
    }

    private func set(_ option: CURLoption, _ value: String) {
        _ = unsafe ccurl_set_text(easy, option, value)
    }

    private func set(_ option: CURLoption, size: Int) {
        _ = unsafe ccurl_set_size(easy, option, curl_off_t(size))
    }

    private func text(_ option: CURLoption, pointer: UnsafeMutablePointer<CChar>) {
        _ = unsafe ccurl_set_pointer(easy, option, pointer)
    }
}

extension Duration {
    /// At least 1: libcurl takes 0 for "no limit".
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(min(seconds, 1_000_000)) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
