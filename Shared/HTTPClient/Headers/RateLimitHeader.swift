/// Reads `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers), as the Hub sends them:
/// `"api";r=495;t=23` and `"fixed window";"api";q=500;w=300`.
///
/// Tolerant: unknown parts are passed over. `nil` where the figures are missing or are not whole numbers.
package enum RateLimitHeader {
    /// What is left of a quota.
    package struct Limit: Hashable, Sendable {
        package let remaining: Int
        package let resetSeconds: Int

        package init(remaining: Int, resetSeconds: Int) {
            self.remaining = remaining
            self.resetSeconds = resetSeconds
        }
    }

    /// A quota: so many calls in so long a window.
    package struct Policy: Hashable, Sendable {
        package let quota: Int
        package let windowSeconds: Int

        package init(quota: Int, windowSeconds: Int) {
            self.quota = quota
            self.windowSeconds = windowSeconds
        }
    }

    /// Of several limits the one with the least left: it is the one that stops a client first.
    package static func limit(in header: String) -> Limit? {
        members(of: header).compactMap { figures in
            guard let remaining = figures["r"], let reset = figures["t"] else { return nil }
            return Limit(remaining: remaining, resetSeconds: reset)
        }.min { $0.remaining < $1.remaining }
    }

    /// Of several policies the one that allows the fewest calls per second.
    package static func policy(in header: String) -> Policy? {
        members(of: header).compactMap { figures in
            guard let quota = figures["q"], let window = figures["w"], window > 0 else { return nil }
            return Policy(quota: quota, windowSeconds: window)
        }.min { Double($0.quota) / Double($0.windowSeconds) < Double($1.quota) / Double($1.windowSeconds) }
    }

    /// The numeric parameters of each member of the list. The first of a name counts.
    private static func members(of header: String) -> [[String: Int]] {
        split(header, at: UInt8(ascii: ",")).map { member in
            var figures: [String: Int] = [:]
            for part in split(member, at: UInt8(ascii: ";")) {
                let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                guard sides.count == 2, let figure = wholeNumber(sides[1]) else { continue }
                let name = sides[0].filter { $0.isWhitespace == false }.lowercased()
                figures[name] = figures[name] ?? figure
            }
            return figures
        }
    }

    /// Splits at a byte that does not stand within quotes.
    private static func split(_ text: String, at separator: UInt8) -> [String] {
        var isQuoted = false
        return text.utf8.split { byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            return byte == separator && isQuoted == false
        }.map { String(Substring($0)) }
    }

    private static func wholeNumber(_ text: Substring) -> Int? {
        let digits = text.filter { $0.isWhitespace == false }
        guard digits.isEmpty == false, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
