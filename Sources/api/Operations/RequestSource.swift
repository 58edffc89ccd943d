import HTTPServer
import Store

/// Where a request comes from, as far as limits tell sources apart.
enum RequestSource {
    static func of(_ request: Request) -> SignInTry {
        SignInTry(address: network(of: client(of: request)))
    }

    /// The peer; or, if that is a proxy on this machine, whom it says that it speaks for. Only the last entry is the
    /// proxy's own: what stands before it was sent by the client, who may write anything there.
    private static func client(of request: Request) -> String {
        let peer = request.remoteAddress
        guard peer == "::1" || peer == "unix" || peer.hasPrefix("127."),
            let last = request.headers.all("X-Forwarded-For").last?.split(separator: ",").last
        else { return peer }
        let text = last.filter { !$0.isWhitespace && $0 != "[" && $0 != "]" }
        let isAddress = text.utf8.allSatisfy { byte in
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
                || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
        }
        return isAddress && (2...45).contains(text.utf8.count) ? text.lowercased() : peer
    }

    /// One subscriber has a whole /64 of IPv6, and an address for every try; of IPv4, one.
    static func network(of address: String) -> String {
        if address.contains(".") {
            // Some proxies tell the port as well, which is another one for every try.
            let parts = address.split(separator: ":", omittingEmptySubsequences: false)
            return parts.count == 2 ? String(parts[0]) : address
        }
        guard address.contains(":") else { return address }
        let halves = address.components(around: "::")
        var groups = halves.before
        if halves.isSplit {
            let zeros = max(0, 8 - groups.count - halves.after.count)
            groups += Array(repeating: "0", count: zeros) + halves.after
        }
        return groups.prefix(4).map { group in
            let digits = group.drop { $0 == "0" }
            return digits.isEmpty ? "0" : String(digits)
        }.joined(separator: ":") + "::/64"
    }
}

extension String {
    /// The groups of an IPv6 address before and behind the zeros that it leaves out.
    fileprivate func components(around mark: String) -> (before: [String], after: [String], isSplit: Bool) {
        func groups(_ text: Substring) -> [String] { text.split(separator: ":").map(String.init) }
        guard let place = firstRange(of: mark) else { return (groups(self[...]), [], false) }
        return (groups(self[..<place.lowerBound]), groups(self[place.upperBound...]), true)
    }
}
