import Compression
import HTTPServer

/// How a body is packed on its way, in the order of our preference where a reader likes several alike.
enum ContentCoding: String, CaseIterable, Sendable {
    case zstd
    case gzip
    case identity

    /// What a reader takes (RFC 9110, section 12.5.3).
    struct Choice: Equatable, Sendable {
        /// The best for bodies that are worth the work; `nil` where nothing that we can make is taken.
        let best: ContentCoding?
        /// Whether bytes may go as they are.
        let takesIdentity: Bool

        init(_ headers: HeaderFields) {
            var weights: [String: Double] = [:]
            let lists = headers.all("Accept-Encoding")
            for part in lists.joined(separator: ",").split(separator: ",") {
                let words = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
                guard let name = words.first, !name.isEmpty else { continue }
                let weight = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
                weights[name == "x-gzip" ? "gzip" : name] = weight
            }
            // What is not named is taken only by `*`; bytes as they are, unless they are excluded.
            let packed = [ContentCoding.zstd, .gzip].map { ($0, weights[$0.rawValue] ?? weights["*"] ?? 0) }
            let identity = weights["identity"] ?? (weights["*"] == 0 ? 0 : 0.000_1)
            takesIdentity = identity > 0
            best =
                (packed + [(.identity, identity)]).reduce(nil as (ContentCoding, Double)?) { best, next in
                    next.1 > best?.1 ?? 0 ? next : best
                }?.0
        }

        /// For a body of so many bytes: small ones are not worth the work.
        func coding(bytes: Int) -> ContentCoding {
            bytes < ContentCoding.smallestPacked && takesIdentity ? .identity : best ?? .identity
        }
    }

    private static let smallestPacked = 1_024

    func pack(_ body: [UInt8]) -> [UInt8] {
        switch self {
        case .zstd: Zstd.compress(body, level: 3)
        case .gzip: Gzip.compress(body, level: 5)
        case .identity: body
        }
    }
}
