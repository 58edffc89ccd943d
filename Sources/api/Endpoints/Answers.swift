import HTTPServer

/// The answers that every endpoint gives alike: problems, and the marks that each v4 answer carries.
struct Answers: Sendable {
    let assets: AssetCatalog

    func problem(
        _ code: Problem.Code, _ detail: String, _ request: Request, faults: [Problem.Fault] = [],
        headers: [HeaderField] = []
    ) -> Response {
        let id = RequestName.make()
        var response = Problem(code: code, detail: detail, faults: faults).response(to: request, id: id)
        response.headers += headers
        return Self.hardened(response, id: id)
    }

    func invalid(_ faults: [Problem.Fault], _ request: Request) -> Response {
        let names = Set(faults.map(\.place.name)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return problem(.invalidParameter, "Not valid: \(names.joined(separator: ", ")).", request, faults: faults)
    }

    func unavailable(_ request: Request) -> Response {
        problem(.unavailable, "The database cannot be used now; /readyz says why.", request)
    }

    /// A good answer of the API with the headers that all of them carry.
    func marked(_ response: Response) -> Response {
        Self.hardened(response, id: RequestName.make())
    }

    /// A page with the headers that keep it to itself.
    /// - Parameter isSecret: whether no cache may keep it, such as one with a one-time token in it.
    func page(
        _ body: [UInt8], status: Int = 200, tag: String? = nil, isSecret: Bool = false, to request: Request
    ) -> Response {
        var representation = Representation(
            contentType: "text/html; charset=utf-8", body: body, tag: tag ?? "page-\(RequestName.make())",
            cacheControl: isSecret ? "no-store" : "private, no-cache", vary: ["Accept-Encoding", "Cookie"])
        representation.status = status
        var response = Self.hardened(representation.response(to: request), id: RequestName.make())
        response.headers.append(HeaderField("Content-Security-Policy", PageFrame.contentSecurityPolicy))
        return response
    }

    /// What a request that no route takes, or that cannot be read, is answered: a problem for programs, a page for
    /// readers.
    func fault(_ fault: Fault, _ request: Request) -> Response {
        let code: Problem.Code
        let detail: String
        switch fault {
        case .notFound: (code, detail) = (.notFound, "No route has this path.")
        case .methodNotAllowed(let allow):
            let methods = allow.map(\.rawValue).joined(separator: ", ")
            (code, detail) = (.methodNotAllowed, "This path takes \(methods).")
        case .badRequest(let reason): (code, detail) = (.badRequest, reason)
        case .payloadTooLarge(let limit): (code, detail) = (.payloadTooLarge, "A body may have \(limit) bytes.")
        case .uriTooLong: (code, detail) = (.uriTooLong, "The address is longer than this service reads.")
        case .headersTooLarge: (code, detail) = (.headersTooLarge, "The headers are larger than this service reads.")
        case .unavailable: (code, detail) = (.unavailable, "The service is stopping; ask again.")
        }
        if request.path.hasPrefix("/api/v3/") { return LedgerAnswer.error(fault.status, detail) }
        guard let notice = Self.notice(fault, request) else { return problem(code, detail, request) }
        let shown = NoticePage(notice: notice, theme: PageEndpoints.theme(request), assets: assets)
        return page(shown.render(), status: shown.status, to: request)
    }

    /// What a reader of pages is shown; `nil` where a program asks. The path of a request that cannot be read is its
    /// target as it was sent, or empty, which does not say what was meant; what the client takes does.
    private static func notice(_ fault: Fault, _ request: Request) -> NoticePage.Notice? {
        guard !request.path.hasPrefix("/api") else { return nil }
        switch fault {
        case .notFound: return .notFound
        case .badRequest(let reason):
            let takesPages = request.headers.all("Accept").contains { $0.contains("text/html") }
            return takesPages && request.path.hasPrefix("/") ? .malformed(reason: reason) : nil
        default: return nil
        }
    }

    static func hardened(_ response: Response, id: String) -> Response {
        var response = response
        response.headers += [
            HeaderField("X-Request-Id", id), HeaderField("X-Content-Type-Options", "nosniff"),
            HeaderField("Referrer-Policy", "strict-origin-when-cross-origin"),
        ]
        return response
    }
}

/// A request's name, for its sender and for the log.
enum RequestName {
    static func make() -> String {
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        return "req_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
