import HTTPServer
import JSON

/// An error answer of v4: `application/problem+json` (RFC 9457).
///
/// The same bad request gets the same bytes, its `requestId` aside: no clock, no hash order, no locale.
struct Problem: Sendable {
    /// The closed list of what can go wrong; each is explained on the page that `type` leads to.
    enum Code: String, CaseIterable, Sendable {
        case badRequest = "bad_request"
        case invalidParameter = "invalid_parameter"
        case invalidBody = "invalid_body"
        case cursorInvalid = "cursor_invalid"
        case cursorMismatch = "cursor_mismatch"
        case cursorExpired = "cursor_expired"
        case unauthorized
        case forbidden
        case planLimit = "plan_limit"
        case notFound = "not_found"
        case noSnapshot = "no_snapshot"
        case methodNotAllowed = "method_not_allowed"
        case notAcceptable = "not_acceptable"
        case payloadTooLarge = "payload_too_large"
        case uriTooLong = "uri_too_long"
        case unsupportedMediaType = "unsupported_media_type"
        case headersTooLarge = "headers_too_large"
        case conflict
        case idempotencyBusy = "idempotency_busy"
        case idempotencyMismatch = "idempotency_mismatch"
        case preconditionFailed = "precondition_failed"
        case preconditionRequired = "precondition_required"
        case rateLimited = "rate_limited"
        case unavailable
        case failed

        var status: Int {
            switch self {
            case .badRequest, .invalidParameter, .invalidBody, .cursorInvalid, .cursorMismatch: 400
            case .unauthorized: 401
            case .forbidden, .planLimit: 403
            case .notFound, .noSnapshot: 404
            case .methodNotAllowed: 405
            case .notAcceptable: 406
            case .conflict, .idempotencyBusy: 409
            case .cursorExpired: 410
            case .preconditionFailed: 412
            case .payloadTooLarge: 413
            case .uriTooLong: 414
            case .unsupportedMediaType: 415
            case .idempotencyMismatch: 422
            case .preconditionRequired: 428
            case .rateLimited: 429
            case .headersTooLarge: 431
            case .failed: 500
            case .unavailable: 503
            }
        }

        var title: String {
            switch self {
            case .badRequest: "The request is malformed"
            case .invalidParameter: "A parameter is not valid"
            case .invalidBody: "The body is not valid"
            case .cursorInvalid: "The cursor is not one of ours"
            case .cursorMismatch: "The cursor belongs to another query"
            case .cursorExpired: "The cursor's snapshot is no longer kept"
            case .unauthorized: "A valid token is needed"
            case .forbidden: "The token does not permit this"
            case .planLimit: "The plan does not have this"
            case .notFound: "There is nothing here"
            case .noSnapshot: "There is no snapshot yet"
            case .methodNotAllowed: "The method does not work here"
            case .notAcceptable: "Nothing that is accepted can be given"
            case .payloadTooLarge: "The body is too large"
            case .uriTooLong: "The address is too long"
            case .unsupportedMediaType: "The media type is not supported"
            case .headersTooLarge: "The headers are too large"
            case .conflict: "The request conflicts with what is there"
            case .idempotencyBusy: "The same request is under way"
            case .idempotencyMismatch: "The key was used for another request"
            case .preconditionFailed: "It has changed since it was read"
            case .preconditionRequired: "Say which version the request is about"
            case .rateLimited: "Too many requests"
            case .failed: "Something went wrong on our side"
            case .unavailable: "Not available right now"
            }
        }
    }

    /// One fault of one part of the request.
    struct Fault: Equatable, Sendable {
        /// Where it is.
        enum Place: Equatable, Sendable {
            case parameter(String)
            case pointer(String)
            case header(String)

            var name: String {
                switch self {
                case .parameter(let name), .pointer(let name), .header(let name): name
                }
            }
        }

        let place: Place
        let code: String
        let message: String
    }

    let code: Code
    let detail: String
    var faults: [Fault] = []

    /// The answer; its instance is the path that was asked for.
    func response(to request: Request, id: String) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("type")
        json.string("/docs/problems#\(code.rawValue)")
        json.key("title")
        json.string(code.title)
        json.key("status")
        json.integer(code.status)
        json.key("detail")
        json.string(detail)
        json.key("instance")
        // Of some requests not even the path could be read.
        json.string(request.path.isEmpty ? "/" : request.path)
        json.key("code")
        json.string(code.rawValue)
        json.key("requestId")
        json.string(id)
        let ofCode = code.place.map { [Fault(place: $0, code: code.rawValue, message: detail)] } ?? []
        let named = faults.isEmpty ? ofCode : faults
        if !named.isEmpty {
            json.key("errors")
            json.beginArray()
            for fault in Self.inOrder(named) { Self.write(fault, to: &json) }
            json.endArray()
        }
        json.endObject()
        var headers = [
            HeaderField("Content-Type", "application/problem+json"), HeaderField("Cache-Control", "no-store"),
        ]
        if code == .unauthorized { headers.append(HeaderField("WWW-Authenticate", "Bearer")) }
        if code == .unavailable { headers.append(HeaderField("Retry-After", "2")) }
        return Response(status: code.status, headers: headers, body: .bytes(json.finished()))
    }

    /// By parameter or pointer, bytewise, then by code.
    private static func inOrder(_ faults: [Fault]) -> [Fault] {
        faults.sorted { left, right in
            left.place.name == right.place.name
                ? left.code.utf8.lexicographicallyPrecedes(right.code.utf8)
                : left.place.name.utf8.lexicographicallyPrecedes(right.place.name.utf8)
        }
    }

    private static func write(_ fault: Fault, to json: inout JSONWriter) {
        json.beginObject()
        switch fault.place {
        case .parameter(let name):
            json.key("parameter")
            json.string(name)
        case .pointer(let pointer):
            json.key("pointer")
            json.string(pointer)
        case .header(let name):
            json.key("header")
            json.string(name)
        }
        json.key("code")
        json.string(fault.code)
        json.key("message")
        json.string(fault.message)
        json.endObject()
    }
}

extension Problem.Code {
    /// Where the fault is, for codes that are about one place.
    fileprivate var place: Problem.Fault.Place? {
        switch self {
        case .cursorInvalid, .cursorMismatch, .cursorExpired: .parameter("cursor")
        case .unsupportedMediaType: .header("Content-Type")
        case .preconditionFailed, .preconditionRequired: .header("If-Match")
        case .idempotencyMismatch: .header("Idempotency-Key")
        default: nil
        }
    }
}
