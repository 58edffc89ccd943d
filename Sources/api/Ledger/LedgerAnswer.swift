import HTTPServer
import JSON
import Ledger

/// The answers of the ledger's routes, whose bodies are v3's own: clients of theirs exist.
enum LedgerAnswer {
    static func json(_ status: Int, _ body: [UInt8], headers: [HeaderField] = []) -> Response {
        Response(
            status: status,
            headers: [
                HeaderField("Content-Type", "application/json"), HeaderField("X-Robots-Tag", "noindex, nofollow"),
                HeaderField("Cache-Control", "no-store"), HeaderField("X-Content-Type-Options", "nosniff"),
            ] + headers,
            body: .bytes(body))
    }

    static func ok(_ status: Int = 200, _ write: (inout JSONWriter) -> Void) -> Response {
        var json = JSONWriter(capacity: 1_024)
        write(&json)
        return self.json(status, json.finished())
    }

    /// `{"error": …}`.
    static func error(_ status: Int, _ message: String, headers: [HeaderField] = []) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.key("error")
        json.string(message)
        json.endObject()
        return self.json(status, json.finished(), headers: headers)
    }

    static let notJSON = error(400, "Invalid JSON payload")

    /// What was sent is right, and could not be done: never a 400. The reason is for the log.
    static func failure(_ failure: LedgerFailure) -> Response {
        switch failure {
        case .unavailable: unavailable
        case .broken: error(500, "Internal error")
        }
    }

    static let unavailable = error(
        503, "The ledger cannot be used now", headers: [HeaderField("Retry-After", "1")])
    static let switchedOff = error(503, "The ledger is off: HELICARRIER_ENABLE_SQLITE is false")
}
