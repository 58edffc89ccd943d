import HTTPServer
import JSON
import Ledger
import Store

/// `GET /api/v3/ledger` and `/api/v3/ledger/:sessionId`: what the ledger holds.
struct LedgerEndpoints: Sendable {
    let site: Site

    func list(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        let query: LedgerQuery
        do throws(LedgerQuery.Invalid) {
            query = try LedgerQuery(request.query)
        } catch {
            return LedgerAnswer.error(400, "Invalid \(error.name) value")
        }
        do throws(LedgerFailure) {
            let page = try await open.ledger.page(
                query.filter, sort: query.sort, offset: (query.page - 1) * query.pageSize, limit: query.pageSize)
            return LedgerAnswer.ok { json in
                json.beginObject()
                json.key("rows")
                json.beginArray()
                for row in page.rows { SessionBody.write(row, to: &json) }
                json.endArray()
                json.key("total")
                json.integer(page.total)
                json.endObject()
            }
        } catch {
            return site.answer(error)
        }
    }

    func session(_ request: Request, _ parameters: Parameters, _ open: Site.Open) async -> Response {
        do throws(LedgerFailure) {
            guard let session = try await open.ledger.session(parameters["sessionId"]) else {
                return LedgerAnswer.error(404, "Session not found")
            }
            return LedgerAnswer.ok { json in
                json.beginObject()
                json.key("ledger")
                SessionBody.write(session.row, to: &json)
                if let usage = session.usage {
                    json.key("usage")
                    SessionBody.write(usage, of: session.row.sessionID, to: &json)
                }
                json.key("events")
                json.beginArray()
                for event in session.events { SessionBody.write(event, of: session.row.sessionID, to: &json) }
                json.endArray()
                json.endObject()
            }
        } catch {
            return site.answer(error)
        }
    }
}
