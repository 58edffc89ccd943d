/// The head of a request, and what can be decided before its body is read.
struct RequestHead {
    /// `nil` when it is not UTF-8.
    let target: String?
    let headers: HeaderFields

    enum Verdict: Equatable {
        case refuse(Fault)
        /// `length` is how many bytes of body are announced.
        case accept(RequestTarget, length: Int)
    }

    var hasBody: Bool {
        headers.first("Transfer-Encoding") != nil || headers.all("Content-Length").contains { $0 != "0" }
    }

    func verdict(_ settings: ServerSettings) -> Verdict {
        if let target, target.utf8.count > settings.uriLimit {
            return .refuse(.uriTooLong(limit: settings.uriLimit))
        }
        // Each line is a name, a colon, a space, a value and a line end.
        let size = headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        if size > settings.headerLimit { return .refuse(.headersTooLarge(limit: settings.headerLimit)) }

        // A message that could be read in two ways is how requests are smuggled (RFC 9112, section 6.1).
        let lengths = Set(headers.all("Content-Length"))
        let isChunked = headers.first("Transfer-Encoding") != nil
        if lengths.count > 1 || (isChunked && lengths.isEmpty == false) {
            return .refuse(.badRequest("The length of the body is stated in two ways."))
        }
        guard let target else { return .refuse(.badRequest("The request target is not UTF-8.")) }
        do {
            let parts = try RequestTarget(target)
            let length = lengths.first.map { Int($0) ?? .max } ?? 0
            if length > settings.bodyLimit { return .refuse(.payloadTooLarge(limit: settings.bodyLimit)) }
            return .accept(parts, length: length)
        } catch {
            return .refuse(.badRequest(error.reason))
        }
    }
}
