import HTTPServer
import Model

/// In which form a whole result is wanted.
struct ExportQuery: Sendable {
    enum Format: String, CaseIterable, Sendable {
        case csv
        case ndjson

        var contentType: String {
            switch self {
            case .csv: CSVLine.contentType
            case .ndjson: "application/x-ndjson"
            }
        }
    }

    private(set) var format = Format.csv
    /// Whether texts that a spreadsheet would take for a formula are made inert.
    private(set) var isSafe = true
    private(set) var faults: [Problem.Fault] = []

    /// Takes its own parameters and leaves the others.
    static func read(_ items: [QueryItem]) -> (query: ExportQuery, others: [QueryItem]) {
        let own: Set = ["format", "safe"]
        var reader = QueryReader(items.filter { own.contains($0.name) }, scalars: own)
        var query = ExportQuery()
        if let format = reader.cases("format", Format.self).first { query.format = format }
        switch reader.text("safe") {
        case nil, "1": break
        case "0": query.isSafe = false
        default: reader.refuse("safe", "unknown_value", "must be 0 or 1")
        }
        query.faults = reader.faults
        return (query, items.filter { !own.contains($0.name) })
    }

    /// The answer: a stream that is made while it is sent, from one snapshot.
    func response(
        _ index: ModelIndex, _ rows: [UInt32], tag kind: String = "export", profile: String, to request: Request
    ) -> Response {
        let snapshot = index.publication.snapshot
        let publication = "\(index.publication.publishedAt.milliseconds)-\(index.publication.serial)"
        let coding = ContentCoding.Choice(request.headers).best ?? .identity
        let lines: any ExportLines =
            switch format {
            case .csv: CSVLines(index: index, profile: profile, isSafe: isSafe)
            case .ndjson: NDJSONLines(body: ModelBody(index: index, profile: profile))
            }
        let tag = "\"\(kind)-\(publication)\(coding == .identity ? "" : "-\(coding.rawValue)")\""
        var headers = [
            HeaderField("ETag", tag), HeaderField("Cache-Control", "no-cache"), HeaderField("Vary", "Accept-Encoding"),
        ]
        if Representation.matches(request.headers.all("If-None-Match"), tag) {
            return Response(status: 304, headers: headers)
        }
        headers += [
            HeaderField("Content-Type", format.contentType),
            HeaderField("Content-Disposition", "attachment; filename=\"\(snapshot.id).\(format.rawValue)\""),
        ]
        if coding != .identity { headers.append(HeaderField("Content-Encoding", coding.rawValue)) }
        return Response(
            status: 200, headers: headers, body: .stream(ExportStream(lines, rows: rows, coding: coding)))
    }
}
