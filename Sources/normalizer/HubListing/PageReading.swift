import JSON
import Model
import Store

/// What the pages of one observation come to: one listing per model, and everything that broke the contract.
///
/// Rows of a page and pages of an observation stand for themselves: a broken one costs itself and nothing more.
struct PageReading {
    private let facts: ModelFacts
    private(set) var listings: [Listing] = []
    private(set) var rejected: [RejectedRow] = []
    private(set) var errors: [UpstreamError] = []
    /// Rows that the upstream sent, broken ones included; a row that comes again counts once.
    private(set) var sourceCount = 0
    /// Ids that a listing has shown, rather than the answer to a question for one model.
    private(set) var listed: Set<ModelID> = []
    private var known: Set<ModelID> = []

    init(_ facts: ModelFacts) {
        self.facts = facts
    }

    /// Reads a page of a listing: an array of rows, or an object with the rows in `models`.
    mutating func readListing(page number: Int, body: [UInt8]) {
        let found: [JSONRows.Row]?
        do throws(JSONError) {
            found = try JSONRows(parsing: body, under: "models").rows
        } catch {
            rejectPage(number, "malformed JSON: \(error)", body)
            return
        }
        guard let found else {
            rejectPage(number, "must be an array of rows, or an object with an array \"models\"", body)
            return
        }
        for (index, row) in found.enumerated() {
            switch row {
            case .good(let row):
                if let id = read(row, page: number, index: index) { listed.insert(id) }
            case .broken(let error, let text):
                sourceCount += 1
                rejected.append(
                    RejectedRow(
                        page: number, index: index, model: nil, pointer: "", reason: "malformed JSON: \(error)",
                        excerpt: String(decoding: text.prefix(2_000), as: UTF8.self)))
            }
        }
    }

    /// Reads the answer to a question for one model.
    mutating func readModel(_ model: String, page number: Int, status: Int, body: [UInt8]) {
        guard status == 200 else {
            let message = status == 0 ? "Request failed" : "Request failed with status \(status)"
            errors.append(UpstreamError(model: model, status: status, message: message))
            return
        }
        var answered: String?
        do throws(JSONError) {
            let row = try JSONDocument(parsing: body).root
            answered = ListingRow.claimedID(row)
            read(row, page: number, index: 0)
        } catch {
            rejectPage(number, "malformed JSON: \(error)", body)
        }
        guard !known.contains(ModelID(model)) else { return }
        if let answered, known.contains(ModelID(answered)) {
            errors.append(.moved(model, to: answered, status: status))
        } else {
            errors.append(UpstreamError(model: model, status: status, message: "The answer could not be read"))
        }
    }

    /// Notes a page whose stored form cannot be unpacked.
    mutating func rejectPage(_ number: Int, _ reason: String, _ body: [UInt8]) {
        let excerpt = String(decoding: body.prefix(400), as: UTF8.self)
        rejected.append(
            RejectedRow(page: number, index: -1, model: nil, pointer: "", reason: reason, excerpt: excerpt))
    }

    /// - Returns: the id of a good row, whether it was known or not.
    @discardableResult
    private mutating func read(_ row: JSONNode, page: Int, index: Int) -> ModelID? {
        do throws(ListingRow.Violation) {
            let read = try ListingRow.read(row)
            // The upstream's cursor walks fields that change, so a row can come twice; the first one stands.
            guard known.insert(read.listing.id).inserted else { return read.listing.id }
            sourceCount += 1
            listings.append(facts.complete(read))
            return read.listing.id
        } catch {
            sourceCount += 1
            var writer = JSONWriter()
            writer.node(row)
            rejected.append(
                RejectedRow(
                    page: page, index: index, model: ListingRow.claimedID(row), pointer: error.pointer,
                    reason: error.reason, excerpt: String(decoding: writer.finished().prefix(2_000), as: UTF8.self)))
            return nil
        }
    }
}
