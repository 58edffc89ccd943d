import Crypto
import HTTPServer
import Model
import SQLite
import Store

/// One request that named itself: whoever carries it out keeps the answer under its name, in the transaction of what
/// was done, so that no crash lies between the two.
struct IdempotencyTicket: Sendable {
    let name: IdempotencyName
    /// The digest of what it asks for.
    let fingerprint: [UInt8]
    /// Names this run.
    let holder: String

    /// Of the request that is being carried out, if it has a name. A value of the task, so that every route that
    /// creates has it without asking for it.
    @TaskLocal static var current: IdempotencyTicket?

    /// Whether the name is this run's still: its lease may be over, and then nothing may be done.
    func isHeld(in db: borrowing Connection) throws(SQLiteError) -> Bool {
        try db.run(.requestHolder(name)).first == holder
    }

    /// Keeps the answer; to be called in the transaction that has seen the name held.
    func keep(_ response: Response, in db: borrowing Connection, now: Timestamp) throws(SQLiteError) {
        _ = try db.run(.releaseRequest(name, holder: holder))
        try db.run(.keepAnswer(IdempotentAnswer(response, fingerprint: fingerprint), to: name, now: now))
    }
}

/// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that names itself is done once.
///
/// The name is taken in the database before the request is carried out, so of two that come at once, to whichever
/// processes, the second is told to wait. A process that is killed loses the name with its lease.
struct IdempotencyDesk: Sendable {
    static let header = "Idempotency-Key"

    let answers: Answers

    /// - Returns: `nil` for a request without a name; a fault for a name that cannot be one.
    static func ticket(_ request: Request, route: String) -> Result<IdempotencyTicket?, Problem.Fault> {
        let values = request.headers.all(header)
        guard let text = values.first else { return .success(nil) }
        // The draft writes a quoted string; most clients leave the quotes out.
        let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
        let key = isQuoted ? String(text.dropFirst().dropLast()) : text
        guard values.count == 1, (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            return .failure(
                Problem.Fault(
                    place: .header(header), code: "out_of_range", message: "must be 1 to 255 visible ASCII characters"))
        }
        let proof = request.headers.first("x-secret-key") ?? Credentials.bearer(request.headers) ?? ""
        return .success(
            IdempotencyTicket(
                name: IdempotencyName(account: SHA256.digest([UInt8](proof.utf8)).bytes, route: route, key: key),
                fingerprint: SHA256.digest([UInt8](request.target.utf8) + [0] + request.body).bytes,
                holder: RequestName.make()))
    }

    /// Carries a request out unless it has been, or is being.
    func once(
        _ request: Request, open: Site.Open?, now: Timestamp, carryOut: () async -> Response
    ) async -> Response {
        let ticket: IdempotencyTicket
        switch Self.ticket(request, route: "\(request.method.rawValue) \(request.path)") {
        case .success(nil): return await carryOut()
        case .success(let named?): ticket = named
        case .failure(let fault):
            return answers.problem(.badRequest, "A header is not valid.", request, faults: [fault])
        }
        guard let open else { return answers.unavailable(request) }
        let finding: IdempotencyFinding
        do throws(SQLiteError) {
            finding = try await open.writer.write { db throws(SQLiteError) in
                try db.claimRequest(ticket.name, fingerprint: ticket.fingerprint, holder: ticket.holder, now: now)
            }
        } catch {
            return answers.unavailable(request)
        }
        switch finding {
        case .answered(let answer): return answers.marked(answer.response)
        case .another:
            return answers.problem(
                .idempotencyMismatch, "This Idempotency-Key was used with another body.", request)
        case .underWay: return answers.busy(request)
        case .free: break
        }
        let response = await IdempotencyTicket.$current.withValue(ticket) { await carryOut() }
        // What was refused changed nothing: its sender may mend it under the same name. A failure to say so ends with
        // the lease.
        if !(200..<300).contains(response.status) {
            _ = try? await open.writer.run(.releaseRequest(ticket.name, holder: ticket.holder))
        }
        return response
    }
}

extension Answers {
    /// Where a request of the same name is under way.
    func busy(_ request: Request) -> Response {
        problem(
            .idempotencyBusy, "A request with this Idempotency-Key is under way; ask again.", request,
            headers: [HeaderField("Retry-After", "1")])
    }
}

extension Problem.Fault: Error {}

extension IdempotentAnswer {
    init(_ response: Response, fingerprint: [UInt8]) {
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body { body = bytes }
        let lines = response.headers.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
        self.init(fingerprint: fingerprint, status: response.status, headers: lines, body: body)
    }

    /// The first answer again, marked as such.
    var response: Response {
        var fields = headers.split(separator: "\n").compactMap { line -> HeaderField? in
            guard let mark = line.firstRange(of: ": ") else { return nil }
            return HeaderField(
                String(line[line.startIndex..<mark.lowerBound]), String(line[mark.upperBound..<line.endIndex]))
        }
        fields.append(HeaderField("Idempotency-Replayed", "true"))
        return Response(status: status, headers: fields, body: .bytes(body))
    }
}
