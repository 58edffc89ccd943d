import CCurl

/// An absolute http or https URL, taken apart by libcurl's own parser: what is checked here is what is dialled.
package struct URLParts: Hashable, Sendable {
    /// The URL in libcurl's spelling, without a fragment.
    package let text: String
    package let scheme: String
    /// In lower case, without the brackets of an IPv6 address. libcurl writes IPv4 in any spelling as four decimal
    /// numbers. Always ASCII: how libcurl reads other letters depends on the process's locale.
    package let host: String
    /// The host as the text had it, brackets included. Where it differs from ``host``, someone spelled it oddly.
    package let writtenHost: String
    package let port: UInt16
    package let path: String
    package let query: String?
    /// The `%scope` of an IPv6 address.
    package let zone: String?
    package let hasCredentials: Bool

    /// Longer texts are not URLs of any service we talk to.
    private static let longestText = 64 << 10

    /// `nil` for anything that is not an absolute http or https URL.
    package init?(_ text: String) {
        guard let url = CurlURL(text) else { return nil }
        self.init(url, written: text)
    }

    /// The URL that `reference` means on a page at this URL (RFC 3986, section 5).
    package func resolving(_ reference: String) -> URLParts? {
        // libcurl drops the query of the base for a lone fragment; a fragment is never sent anyway.
        let reference = String(reference.prefix { $0 != "#" })
        if reference.isEmpty { return self }
        guard let url = CurlURL(text), url.resolve(reference), let absolute = url.part(CURLUPART_URL) else {
            return nil
        }
        let isAbsolute = URLParts(reference) != nil
        return URLParts(url, written: isAbsolute ? reference : absolute)
    }

    private init?(_ url: borrowing CurlURL, written: String) {
        guard written.utf8.count <= Self.longestText, let text = url.part(CURLUPART_URL),
            let scheme = url.part(CURLUPART_SCHEME)?.lowercased(), ["http", "https"].contains(scheme),
            let host = url.part(CURLUPART_HOST)?.lowercased(), host.isEmpty == false,
            host.utf8.allSatisfy({ $0 < 0x80 }),
            let port = url.part(CURLUPART_PORT).flatMap({ UInt16($0) }), let path = url.part(CURLUPART_PATH)
        else { return nil }
        self.text = text
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        self.path = path
        query = url.part(CURLUPART_QUERY)
        zone = url.part(CURLUPART_ZONEID)
        hasCredentials = url.part(CURLUPART_USER) != nil || url.part(CURLUPART_PASSWORD) != nil
        writtenHost = Self.writtenHost(of: written)
    }

    package var isIPv6Literal: Bool { host.contains(":") }

    /// Whether the text names the host in the one ordinary way: no octal or integer IPv4, no encoded letters.
    package var isPlainlySpelled: Bool {
        writtenHost.lowercased() == (isIPv6Literal ? "[\(host)]" : host)
    }

    package var origin: Origin { Origin(scheme: scheme, host: host, port: port) }

    /// Scheme, host and port: whether two URLs lead to the same server (RFC 6454).
    package struct Origin: Hashable, Sendable {
        package let scheme: String
        package let host: String
        package let port: UInt16
    }

    /// What stands between `//` and the path, without credentials and port.
    private static func writtenHost(of text: String) -> String {
        guard let slashes = text.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "" }
        let rest = text[slashes...]
        guard rest.hasPrefix("//") else { return "" }
        let authority = rest.dropFirst(2).prefix { "/?#".contains($0) == false }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        if host.first == "[" { return host.prefix { $0 != "]" } + (host.contains("]") ? "]" : "") }
        return String(host.prefix { $0 != ":" })
    }
}

/// A URL in libcurl's hands. Uniquely owned, so it is freed exactly once.
@safe private struct CurlURL: ~Copyable {
    private let handle: OpaquePointer

    init?(_ text: String) {
        guard text.utf8.contains(0) == false, let handle = unsafe curl_url() else { return nil }
        guard unsafe curl_url_set(handle, CURLUPART_URL, text, 0) == CURLUE_OK else {
            unsafe curl_url_cleanup(handle)
            return nil
        }
        // A fragment is never sent.
        _ = unsafe curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0)
        unsafe self.handle = unsafe handle
    }

    deinit {
        unsafe curl_url_cleanup(handle)
    }

    func resolve(_ reference: String) -> Bool {
        guard reference.utf8.contains(0) == false,
            unsafe curl_url_set(handle, CURLUPART_URL, reference, 0) == CURLUE_OK
        else { return false }
        return unsafe curl_url_set(handle, CURLUPART_FRAGMENT, nil, 0) == CURLUE_OK
    }

    /// `nil` where the URL has no such part.
    func part(_ part: CURLUPart) -> String? {
        let flags = part == CURLUPART_PORT ? UInt32(CURLU_DEFAULT_PORT) : 0
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text = unsafe text else { return nil }
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
