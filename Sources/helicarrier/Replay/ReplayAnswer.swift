import Crypto
import HTTPServer
import JSON

/// The forms that the Hub's answers have.
enum ReplayAnswer {
    /// A body with its weak validator; 304 where the caller has it already.
    static func json(_ value: JSONValue, _ request: Request?) -> Response {
        var writer = JSONWriter(capacity: 1 << 16)
        writer.value(value)
        let body = writer.finished()
        let etag = "W/\"\(body.count)-\(SHA256.digest(body).hex.prefix(27))\""
        let headers = [HeaderField("ETag", etag), HeaderField("Content-Type", "application/json; charset=utf-8")]
        if let request, knows(etag, request) { return Response(status: 304, headers: [headers[0]]) }
        return Response(status: 200, headers: headers, body: .bytes(body))
    }

    private static func knows(_ etag: String, _ request: Request) -> Bool {
        request.headers.all("If-None-Match").flatMap { $0.split(separator: ",") }.contains { candidate in
            let text = candidate.drop { $0 == " " }
            return text == "*" || text.prefix { $0 != " " } == etag
        }
    }

    static func error(_ status: Int, _ code: String, _ message: String) -> Response {
        var writer = JSONWriter()
        writer.value(.record(["error": .string(message)]))
        var headers = [
            HeaderField("Content-Type", "application/json; charset=utf-8"), HeaderField("X-Error-Message", message),
        ]
        if !code.isEmpty { headers.append(HeaderField("X-Error-Code", code)) }
        return Response(status: status, headers: headers, body: .bytes(writer.finished()))
    }

    /// The body ends in the middle, as after a broken connection behind a cache.
    static func truncated(_ response: Response) -> Response {
        guard case .bytes(let bytes) = response.body else { return response }
        var response = response
        response.body = .bytes(Array(bytes.prefix(bytes.count / 2)))
        return response
    }

    /// The address of the next page: every parameter of this one, and a new cursor.
    static func next(_ request: Request, offset: Int, foreign: Bool) -> HeaderField {
        let kept = request.query.filter { $0.name != "cursor" } + [QueryItem("cursor", Cursor.text(offset))]
        let query = kept.map { encoded($0.name) + "=" + encoded($0.value) }.joined(separator: "&")
        let host = foreign ? "hub.invalid" : request.headers.first("Host") ?? "127.0.0.1"
        return HeaderField("Link", "<http://\(host)/api/models?\(query)>; rel=\"next\"")
    }

    /// Percent-encoding of everything but the unreserved characters (RFC 3986, section 2.3).
    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: String(UnicodeScalar(byte))
            default: "%" + Hex.encode([byte]).uppercased()
            }
        }.joined()
    }
}
