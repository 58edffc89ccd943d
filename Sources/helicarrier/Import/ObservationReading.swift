import Compression
import JSON
import Model

/// Recognises what a file holds from its bytes: a Hub listing array, a recording `{fetchedAt, models:[…]}`, or JSON
/// Lines of `{date, models:[…]}`; each plain, gzip or zstd.
struct ObservationReading: Sendable {
    /// Unpacked; a page of the Hub has a few megabytes, a year of daily listings some hundred.
    static let sizeLimit = 1 << 30

    /// The file's name, for messages and for the moment in it.
    let name: String
    /// What the operator says about listings that do not say when they were seen.
    let observedAt: Timestamp?
    /// When the file was last written: the last resort, for one that says nothing and whose name says nothing.
    var writtenAt: Timestamp?

    func read(_ packed: [UInt8]) -> ObservationFile {
        do {
            return try readText(CompressedFormat.decompressed(packed, limit: Self.sizeLimit))
        } catch let error as ObservationFault {
            return ObservationFile(faults: [error])
        } catch let error as CompressionError {
            return ObservationFile(faults: [ObservationFault(file: name, reason: error.description)])
        } catch {
            return ObservationFile(faults: [ObservationFault(file: name, reason: "\(error)")])
        }
    }

    private func readText(_ bytes: [UInt8]) throws(ObservationFault) -> ObservationFile {
        var lines = JSONLines(bytes)
        guard let first = lines.next() else { throw ObservationFault(file: name, reason: "the file is empty") }
        guard let second = lines.next() else { return try readWhole(bytes) }
        // One of the first two lines is whole by itself only in JSON Lines, even if the other one is damaged.
        if isObservation(first) || isObservation(second) { return readLines(bytes) }
        return try readWhole(bytes)
    }

    private func isObservation(_ line: JSONLine) -> Bool {
        guard line.bytes.first == UInt8(ascii: "{"), let document = try? line.parsed() else { return false }
        return document.root["models"]?.kind == .array
    }

    private func readLines(_ bytes: [UInt8]) -> ObservationFile {
        var file = ObservationFile()
        for line in JSONLines(bytes) {
            do throws(ObservationFault) {
                let document = try parse(line)
                file.observations.append(
                    try observation(
                        document.root, body: Array(line.bytes), source: "\(name), line \(line.number)",
                        fallback: nil))
            } catch {
                var fault = error
                fault.line = line.number
                file.faults.append(fault)
            }
        }
        return file
    }

    private func parse(_ line: JSONLine) throws(ObservationFault) -> JSONDocument {
        do throws(JSONError) {
            return try line.parsed()
        } catch {
            throw fault(error, offset: line.bytes.startIndex)
        }
    }

    private func readWhole(_ bytes: [UInt8]) throws(ObservationFault) -> ObservationFile {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(
                parsing: bytes, limits: JSONLimits(bytes: Self.sizeLimit))
        } catch {
            throw fault(error, offset: 0)
        }
        let said = try statedMoment(document.root) ?? observedAt ?? MomentInName.moment(in: name)
        let found = try observation(document.root, body: bytes, source: name, fallback: said ?? writtenAt)
        return ObservationFile(observations: [found], isDatedByFile: said == nil)
    }

    private func observation(
        _ root: JSONNode, body: [UInt8], source: String, fallback: Timestamp?
    ) throws(ObservationFault) -> Observation {
        let rows = try rows(of: root)
        let hasModel = rows.elements.contains { ($0["id"] ?? $0["modelId"])?.kind == .string }
        guard hasModel else {
            let reason = rows.count == 0 ? "the listing has no rows" : "no row of the listing has a text \"id\""
            throw ObservationFault(file: name, reason: reason)
        }
        guard let moment = try statedMoment(root) ?? fallback else {
            throw ObservationFault(
                file: name,
                reason: "nothing says when this was observed: give --observed-at, or a name like 2026-05-04T0843Z.json")
        }
        return Observation(observedAt: moment, body: body, rowCount: rows.count, source: source)
    }

    private func rows(of root: JSONNode) throws(ObservationFault) -> JSONNode {
        if root.kind == .array { return root }
        guard let models = root["models"], models.kind == .array else {
            throw ObservationFault(
                file: name, reason: "not a listing: expected an array, or an object with an array \"models\"")
        }
        return models
    }

    /// The moment that a recording states itself; it wins over names and flags.
    private func statedMoment(_ root: JSONNode) throws(ObservationFault) -> Timestamp? {
        for key in ["fetchedAt", "observedAt", "date"] {
            guard let stated = root[key] else { continue }
            guard let text = stated.string, let moment = Timestamp(rfc3339: text) else {
                throw ObservationFault(file: name, reason: "\"\(key)\" is not a time like 2026-05-04T08:43:19.965Z")
            }
            return moment
        }
        return nil
    }

    private func fault(_ error: JSONError, offset: Int) -> ObservationFault {
        ObservationFault(
            file: name, byteOffset: error.byteOffset.map { $0 + offset }, reason: "not JSON: \(error.reason)")
    }
}
