import Crypto
import HTTPServer
import JSON
import Jobs
import SQLite
import Store

extension WebhookEndpoints {
    /// Why a request gets a problem as its answer.
    struct Refusal: Error {
        let code: Problem.Code
        let detail: String
        var faults: [Problem.Fault] = []
        var headers: [HeaderField] = []

        init(
            _ code: Problem.Code, _ detail: String, faults: [Problem.Fault] = [], headers: [HeaderField] = []
        ) {
            self.code = code
            self.detail = detail
            self.faults = faults
            self.headers = headers
        }

        /// A body that is no JSON: where, and why.
        init(_ error: JSONError) {
            let fault = Problem.Fault(place: .pointer(""), code: "malformed_json", message: "\(error)")
            self.init(
                error.kind == .tooLarge ? .payloadTooLarge : .invalidBody, "The body is not JSON: \(error).",
                faults: [fault])
        }

        static let noSubscription = Refusal(.notFound, "There is no such subscription.")
        static let noDelivery = Refusal(.notFound, "The subscription has no such delivery.")
        static let changed = Refusal(.preconditionFailed, "The subscription has changed since it was read.")
    }

    func answering(
        _ request: Request, _ body: (Site.Open) async throws(Refusal) -> Response
    ) async -> Response {
        guard let open = open() else { return answers.unavailable(request) }
        do throws(Refusal) {
            return answers.marked(try await body(open))
        } catch {
            return answers.problem(error.code, error.detail, request, faults: error.faults, headers: error.headers)
        }
    }

    /// What a transaction came to that may create.
    private enum Creation: Sendable {
        case made(Response)
        case refused(Refusal)
        /// Another run has taken the request's name.
        case overtaken
    }

    /// Says who did what, in the transaction of the act.
    func audit(_ act: Act, in db: borrowing Connection) throws(SQLiteError) {
        try db.run(
            .audit(
                AuditEntry(
                    at: now(), who: act.who, action: "webhooks \(act.verb)", target: act.target, result: act.result)))
    }

    /// What is done to a subscription or a delivery, as the audit tells it. To be made by the task of the request.
    struct Act: Sendable {
        let who = Caller.current?.name ?? "api"
        let verb: String
        let target: String
        let result: String

        init(_ verb: String, _ target: String, _ result: String) {
            (self.verb, self.target, self.result) = (verb, target, result)
        }
    }

    /// Does a thing once for each `Idempotency-Key`, in one transaction with the answer that is kept and a line in the
    /// audit, and wakes the notifiers. What refuses must not have written.
    func creating(
        _ request: Request, _ open: Site.Open, _ act: Act,
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Result<Response, Refusal>
    ) async throws(Refusal) -> Response {
        let (ticket, moment) = (IdempotencyTicket.current, now())
        let creation = try await writing(open) { db throws(SQLiteError) -> Creation in
            if let ticket, try !ticket.isHeld(in: db) { return .overtaken }
            switch try body(db) {
            case .failure(let refusal): return .refused(refusal)
            case .success(let response):
                try audit(act, in: db)
                try ticket?.keep(response, in: db, now: moment)
                return .made(response)
            }
        }
        switch creation {
        case .made(let response):
            ring()
            return response
        case .refused(let refusal): throw refusal
        case .overtaken:
            throw Refusal(.idempotencyBusy, "A request with this Idempotency-Key is under way; ask again.")
        }
    }

    /// The body as JSON that says one thing only: no duplicate keys, no U+0000.
    /// - Parameter types: the media types that it may have.
    func document(
        _ request: Request, types: [String] = ["application/json"]
    ) throws(Refusal) -> JSONDocument {
        let type = request.headers.first("Content-Type")?.split(separator: ";").first.map { $0.filter { $0 != " " } }
        guard types.contains(type?.lowercased() ?? "") else {
            let accepted = HeaderField("Accept-Patch", types.joined(separator: ", "))
            throw Refusal(
                .unsupportedMediaType, "Send the body as \(types[0]).",
                headers: request.method == .patch ? [accepted] : [])
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(
                parsing: request.body, limits: JSONLimits(depth: 16, bytes: WebhookOrder.largestBody))
        } catch {
            throw Refusal(error)
        }
        if let repeated = document.firstDuplicateKey() {
            throw Refusal(
                .invalidBody, "The body holds a key twice.",
                faults: [
                    Problem.Fault(
                        place: .pointer(repeated.pointer.text), code: "repeated", message: "may be given once")
                ])
        }
        if let null = document.firstNullCharacter() {
            throw Refusal(
                .invalidBody, "The body holds the character U+0000.",
                faults: [Problem.Fault(place: .pointer(null.text), code: "null_character", message: "holds U+0000")])
        }
        return document
    }

    func shown(_ id: String, _ open: Site.Open) async throws(Refusal) -> ShownSubscription {
        let moment = now()
        let found = try await reading(open) { db throws(SQLiteError) in
            try ShownSubscription.find(id, now: moment, in: db)
        }
        guard let found else { throw Refusal.noSubscription }
        return found
    }

    /// Whether the caller means the subscription as it is: 428 where it does not say, 412 where it means another.
    func requireMatch(_ request: Request, _ shown: ShownSubscription) throws(Refusal) {
        let expected = request.headers.all("If-Match")
        guard !expected.isEmpty else {
            throw Refusal(.preconditionRequired, "Send If-Match with the ETag that reading the subscription gave.")
        }
        // If-Match compares strongly (RFC 9110, section 13.1.1): a weak tag names nothing.
        let strong = expected.flatMap { $0.split(separator: ",") }.map { $0.drop { $0 == " " || $0 == "\t" } }
            .filter { !$0.hasPrefix("W/") }.map(String.init)
        guard Representation.matches(strong, entityTag(shown).value) else { throw Refusal.changed }
    }

    func refuseQuery(_ request: Request) throws(Refusal) {
        let faults = Set(request.query.map(\.name)).map { name in
            Problem.Fault(
                place: .parameter(name), code: "unknown_parameter", message: "is not a parameter of this route")
        }
        guard faults.isEmpty else {
            throw Refusal(.invalidParameter, "This route takes no parameters.", faults: faults)
        }
    }

    func reading<Found: Sendable>(
        _ open: Site.Open, _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async throws(Refusal) -> Found {
        do throws(SQLiteError) {
            return try await open.reader.read(body)
        } catch {
            throw Refusal(.unavailable, "The database cannot be read now.")
        }
    }

    func writing<Found: Sendable>(
        _ open: Site.Open, _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async throws(Refusal) -> Found {
        do throws(SQLiteError) {
            return try await open.writer.write(body)
        } catch {
            throw Refusal(.unavailable, "The database cannot be written now.")
        }
    }

    /// Keys that have ended are not shown any more, so how many there are is part of what the tag names.
    func entityTag(_ shown: ShownSubscription) -> HeaderField {
        let subscription = shown.subscription
        return HeaderField("ETag", "\"\(subscription.id)-\(subscription.version)-\(shown.keys.count)\"")
    }

    func json(_ status: Int, _ body: [UInt8], _ headers: [HeaderField] = []) -> Response {
        let fields = [HeaderField("Content-Type", "application/json"), HeaderField("Cache-Control", "no-store")]
        return Response(status: status, headers: fields + headers, body: .bytes(body))
    }

    func listed(_ body: [UInt8], _ headers: [HeaderField], _ request: Request) -> Response {
        Representation(
            contentType: "application/json", body: body,
            tag: Hex.encode(Array(SHA256.digest(body).bytes.prefix(12))), cacheControl: "private, no-cache",
            vary: ["Accept-Encoding", "Authorization"], headers: headers
        ).response(to: request)
    }

    func link(next: String?, _ path: String, _ query: PageQuery) -> [HeaderField] {
        guard let next else { return [] }
        var target = "\(path)?cursor=\(next)"
        if query.limit != Self.usualLimit { target += "&limit=\(query.limit)" }
        if let state = query.state { target += "&state=\(state.rawValue)" }
        return [HeaderField("Link", "<\(target)>; rel=\"next\"")]
    }
}
