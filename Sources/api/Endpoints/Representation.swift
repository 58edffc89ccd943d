import Compression
import HTTPServer

/// A body with what HTTP needs to cache, compare and compress it.
struct Representation: Sendable {
    /// Bodies below this are not worth the work of compressing.
    private static let smallestCompressed = 1_024

    var contentType: String
    var body: [UInt8]
    /// Names these very bytes; equal tags mean equal bodies.
    var tag: String
    var cacheControl = "no-cache"
    var vary = ["Accept-Encoding"]
    var headers: [HeaderField] = []
    var status = 200

    /// The answer: 304 where the reader has these bytes already, gzip where the reader takes it.
    func response(to request: Request) -> Response {
        let compresses = body.count >= Self.smallestCompressed && Self.takesGzip(request.headers)
        let entityTag = "\"\(tag)\(compresses ? "-gzip" : "")\""
        var fields = [
            HeaderField("ETag", entityTag), HeaderField("Cache-Control", cacheControl),
            HeaderField("Vary", vary.joined(separator: ", ")),
        ]
        fields += headers
        if status == 200, Self.matches(request.headers.all("If-None-Match"), entityTag) {
            // libmicrohttpd sends the length of the body that a 200 would have, and no body.
            return Response(status: 304, headers: fields, body: .bytes(body))
        }
        fields.append(HeaderField("Content-Type", contentType))
        guard compresses else { return Response(status: status, headers: fields, body: .bytes(body)) }
        fields.append(HeaderField("Content-Encoding", "gzip"))
        return Response(status: status, headers: fields, body: .bytes(Gzip.compress(body, level: 5)))
    }

    /// `If-None-Match` compares weakly (RFC 9110, section 13.1.2).
    static func matches(_ headers: [String], _ entityTag: String) -> Bool {
        headers.contains { header in
            header.split(separator: ",").contains { part in
                var candidate = part.drop { $0 == " " || $0 == "\t" }
                while candidate.last == " " || candidate.last == "\t" { candidate.removeLast() }
                if candidate == "*" { return true }
                if candidate.hasPrefix("W/") { candidate = candidate.dropFirst(2) }
                return candidate == entityTag
            }
        }
    }

    /// Whether `Accept-Encoding` permits gzip (RFC 9110, section 12.5.3): named or by `*`, and not with weight 0.
    static func takesGzip(_ headers: HeaderFields) -> Bool {
        var anything: Bool?
        for part in headers.all("Accept-Encoding").joined(separator: ",").split(separator: ",") {
            let words = part.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let coding = words.first else { continue }
            let weight = words.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if coding == "gzip" || coding == "x-gzip" { return weight > 0 }
            if coding == "*" { anything = weight > 0 }
        }
        return anything ?? false
    }
}
