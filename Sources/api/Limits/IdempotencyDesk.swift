import Crypto
import HTTPServer
import Store
import Synchronization

/// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that names itself is done once.
///
/// The answer is written in the transaction of what was done, so no crash lies between the two. Of two that come at
/// once in one process the second is told to wait; in two processes it waits for the first and gets its answer.
final class IdempotencyDesk: Sendable {
    private static let header = "Idempotency-Key"
    private let underWay = Mutex<Set<IdempotencyName>>([])

    /// A request with its name and the digest of what it asks for.
    struct Ticket: Sendable {
        let name: IdempotencyName
        let fingerprint: [UInt8]
    }

    /// - Returns: `nil` for a request without a name; a fault for a name that cannot be one.
    static func ticket(_ request: Request, route: String) -> Result<Ticket?, Problem.Fault> {
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
        let proof = request.headers.first("x-secret-key") ?? TokenGate.bearer(request.headers) ?? ""
        return .success(
            Ticket(
                name: IdempotencyName(account: SHA256.digest([UInt8](proof.utf8)).bytes, route: route, key: key),
                fingerprint: SHA256.digest(request.body).bytes))
    }

    /// Whether no other request of that name is under way here; whoever begins one ends it.
    func begin(_ ticket: Ticket) -> Bool { underWay.withLock { $0.insert(ticket.name).inserted } }

    func end(_ ticket: Ticket) { underWay.withLock { _ = $0.remove(ticket.name) } }
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
