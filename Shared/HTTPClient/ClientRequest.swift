/// One header line of a request.
package struct HeaderLine: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The one address that a request may dial for its host: the answer of a lookup that somebody has checked.
package struct PinnedAddress: Hashable, Sendable {
    package let host: String
    package let port: UInt16
    /// An IPv4 or IPv6 address, without brackets.
    package let address: String

    package init(host: String, port: UInt16, address: String) {
        self.host = host
        self.port = port
        self.address = address
    }
}

/// One call to make. It never follows a redirect, never uses a proxy, and always verifies TLS.
package struct ClientRequest: Sendable {
    package var method: String
    package var url: String
    package var headers: [HeaderLine]
    package var body: [UInt8]?
    package var connectTimeout: Duration
    package var totalTimeout: Duration
    /// Counted after decompression.
    package var maximumBodyBytes: Int
    /// Whether a body that is too long is cut at the limit and the call a success; otherwise it is `tooLarge`.
    package var keepsBodyBeyondLimit: Bool
    /// Whether to ask for compressed bodies, and to decode them.
    package var acceptsCompression: Bool
    package var pinnedAddress: PinnedAddress?

    package init(
        _ method: String, _ url: String, headers: [HeaderLine] = [], body: [UInt8]? = nil,
        connectTimeout: Duration = .seconds(5), totalTimeout: Duration = .seconds(30),
        maximumBodyBytes: Int = 8 << 20, keepsBodyBeyondLimit: Bool = false, acceptsCompression: Bool = true,
        pinnedAddress: PinnedAddress? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.maximumBodyBytes = maximumBodyBytes
        self.keepsBodyBeyondLimit = keepsBodyBeyondLimit
        self.acceptsCompression = acceptsCompression
        self.pinnedAddress = pinnedAddress
    }

    /// Why the request cannot be sent as it is. A line break in a header would be a second header.
    func fault() -> ClientError? {
        guard let url = URLParts(url) else {
            return ClientError(.invalidURL, "not an absolute http or https URL")
        }
        guard method.isEmpty == false, method.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            return ClientError(.invalidRequest, "a method is made of upper-case letters")
        }
        for line in headers where line.isWellFormed == false {
            return ClientError(.invalidRequest, "the header \(line.name.debugDescription) cannot be sent")
        }
        guard let pin = pinnedAddress else { return nil }
        guard pin.host.lowercased() == url.host, pin.port == url.port, IPAddress.isLiteral(pin.address) else {
            return ClientError(.invalidRequest, "the pinned address is not one for the URL's host and port")
        }
        return nil
    }
}

extension HeaderLine {
    /// A name is a token (RFC 9110, section 5.6.2); a value has no control characters.
    fileprivate var isWellFormed: Bool {
        let marks = "!#$%&'*+-.^_`|~"
        let hasName =
            name.isEmpty == false
            && name.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9": true
                default: marks.unicodeScalars.contains(scalar)
                }
            }
        return hasName && value.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
    }
}
