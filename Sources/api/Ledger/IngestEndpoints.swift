import Contracts
import HTTPServer
import JSON
import Jobs
import Ledger
import Model

/// `POST /api/v3/ingest/session`: takes a session, once, and answers when it is safe on the disk.
struct IngestEndpoints: Sendable {
    /// Payloads of events may be deep, and no deeper.
    private static let limits = JSONLimits(depth: 64)
    private static let taken = IngestKey.usualResult

    let site: Site

    func session(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        // I-JSON, of which the canonical form is, has no repeated keys.
        guard let document = try? JSONDocument(parsing: request.body, limits: Self.limits),
            document.firstDuplicateKey() == nil
        else {
            site.ingests.count("malformed")
            return LedgerAnswer.notJSON
        }
        let envelope: Envelope
        do throws(IngestFault) {
            envelope = try Envelope(document, isStrict: site.settings.isContractStrict)
        } catch {
            site.ingests.count(error.code == .validation ? "invalid" : "unsupported")
            return Self.refusal(error)
        }
        let key = envelope.key.map { IngestKey.explicit($0) } ?? .derived
        let outcome = await open.ingest.record(
            LedgerEntry(session: envelope.session, key: key, result: Self.taken))
        switch outcome {
        case .success(.fresh), .success(.updated): return LedgerAnswer.json(200, [UInt8](Self.taken.utf8))
        case .success(.replayed(let result)): return LedgerAnswer.json(200, [UInt8](result.utf8))
        case .success(.conflict): return Self.refusal(.conflict)
        case .failure(let failure): return site.answer(failure)
        }
    }

    private static func refusal(_ fault: IngestFault) -> Response {
        LedgerAnswer.json(fault.status, fault.body)
    }
}
