import HTTPServer

/// A body with what HTTP needs to cache, compare and pack it.
struct Representation {
    var contentType: String
    /// Made when it is needed: a body that is in the cache is not made again.
    var body: () -> [UInt8]
    /// Names these very bytes at this address; equal tags mean equal bodies.
    var tag: String
    var cacheControl: String
    var vary: [String]
    var headers: [HeaderField]
    var status = 200

    init(
        contentType: String, body: @autoclosure @escaping () -> [UInt8], tag: String,
        cacheControl: String = "no-cache", vary: [String] = ["Accept-Encoding"], headers: [HeaderField] = []
    ) {
        self.contentType = contentType
        self.body = body
        self.tag = tag
        self.cacheControl = cacheControl
        self.vary = vary
        self.headers = headers
    }

    /// The answer: 304 where the reader has these bytes already, packed where the reader takes it.
    /// - Parameter cache: keeps bodies of this tag and address.
    func response(to request: Request, cache: BodyCache? = nil) -> Response {
        let choice = ContentCoding.Choice(request.headers)
        let sent =
            cache?.entry(BodyCache.Key(target: request.target, tag: tag, wanted: choice.best ?? .identity)) {
                packed(choice)
            } ?? packed(choice)
        let suffix = sent.coding == .identity ? "" : "-\(sent.coding.rawValue)"
        let entityTag = "\"\(tag)\(suffix)\""
        var fields = [
            HeaderField("ETag", entityTag), HeaderField("Cache-Control", cacheControl),
            HeaderField("Vary", vary.joined(separator: ", ")),
        ]
        fields += headers
        if status == 200, Self.matches(request.headers.all("If-None-Match"), entityTag) {
            // libmicrohttpd sends the length of the body that a 200 would have, and no body.
            return Response(status: 304, headers: fields, body: .bytes(sent.body))
        }
        fields.append(HeaderField("Content-Type", contentType))
        if sent.coding != .identity { fields.append(HeaderField("Content-Encoding", sent.coding.rawValue)) }
        return Response(status: status, headers: fields, body: .bytes(sent.body))
    }

    private func packed(_ choice: ContentCoding.Choice) -> BodyCache.Entry {
        let body = body()
        let coding = choice.coding(bytes: body.count)
        return BodyCache.Entry(body: coding.pack(body), coding: coding)
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
}
