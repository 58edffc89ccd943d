package import Contracts
import JSON
package import Model

/// What became of the rows of an import.
package struct LegacyTally: Equatable, Sendable {
    /// What became of one collection.
    package struct Part: Equatable, Sendable {
        package var read = 0
        package var written = 0
        /// Rows that are there already, or whose place something newer has.
        package var skipped = 0
        package var faults: [LegacyExport.Fault] = []
        /// Rows with at least one fault.
        package var failed: Int { read - written - skipped }
    }

    /// What the file says of sessions that were taken from it, now or before, and what the ledger says of them.
    package struct Parity: Equatable, Sendable {
        package var sessions = 0
        package var fileTokens: Int64 = 0
        package var ledgerTokens: Int64 = 0
        package var fileCost: Int64 = 0
        package var ledgerCost: Int64 = 0
        package var fileRuntime: Int64 = 0
        package var ledgerRuntime: Int64 = 0

        package var matches: Bool {
            fileTokens == ledgerTokens && fileCost == ledgerCost && fileRuntime == ledgerRuntime
        }
    }

    package var parts: [LegacyExport.Collection: Part] = [:]
    package var parity = Parity()
    package var ignored: [String] = []

    package init() {}

    package subscript(collection: LegacyExport.Collection) -> Part {
        get { parts[collection] ?? Part() }
        set { parts[collection] = newValue }
    }

    private func sum(_ figure: (Part) -> Int) -> Int { parts.values.reduce(0) { $0 + figure($1) } }
    package var read: Int { sum(\.read) }
    package var written: Int { sum(\.written) }
    package var skipped: Int { sum(\.skipped) }
    package var failed: Int { sum(\.failed) }
}

/// The facts about an import beside its tally.
package struct ImportFacts: Equatable, Sendable {
    package let file: String
    package let sha256: String
    package let isDryRun: Bool
    package let startedAt: Timestamp
    package let finishedAt: Timestamp
    package let importedBy: String

    package init(
        file: String, sha256: String, isDryRun: Bool, startedAt: Timestamp, finishedAt: Timestamp, importedBy: String
    ) {
        self.file = file
        self.sha256 = sha256
        self.isDryRun = isDryRun
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.importedBy = importedBy
    }
}

extension LegacyTally {
    /// How many faults of a collection are listed; beyond, they are only counted.
    private static let mostFaults = 1_000

    /// The report, as it is printed and kept.
    package func json(_ facts: ImportFacts) -> [UInt8] {
        var json = JSONWriter(capacity: 4_096)
        json.beginObject()
        json.key("file")
        json.string(facts.file)
        json.key("sha256")
        json.string(facts.sha256)
        json.key("dryRun")
        json.bool(facts.isDryRun)
        json.key("startedAt")
        json.string(facts.startedAt.rfc3339)
        json.key("finishedAt")
        json.string(facts.finishedAt.rfc3339)
        json.key("importedBy")
        json.string(facts.importedBy)
        json.key("collections")
        json.beginObject()
        for collection in LegacyExport.Collection.allCases {
            json.key(text: collection.rawValue)
            Self.write(self[collection], to: &json)
        }
        json.endObject()
        json.key("ignored")
        json.beginArray()
        for key in ignored { json.string(key) }
        json.endArray()
        json.key("parity")
        write(parity, to: &json)
        json.endObject()
        return json.finished()
    }

    private static func write(_ part: Part, to json: inout JSONWriter) {
        json.beginObject()
        for (name, count) in [
            ("read", part.read), ("written", part.written), ("skipped", part.skipped), ("failed", part.failed),
        ] {
            json.key(text: name)
            json.integer(count)
        }
        json.key("errors")
        json.beginArray()
        for fault in part.faults.prefix(mostFaults) {
            json.beginObject()
            json.key("pointer")
            json.string(fault.pointer)
            json.key("message")
            json.string(fault.message)
            json.endObject()
        }
        json.endArray()
        json.key("errorsOmitted")
        json.integer(max(0, part.faults.count - mostFaults))
        json.endObject()
    }

    private func write(_ parity: Parity, to json: inout JSONWriter) {
        func pair(_ name: StaticString, _ file: [UInt8], _ ledger: [UInt8]) {
            json.key(name)
            json.beginObject()
            json.key("file")
            json.raw(file)
            json.key("ledger")
            json.raw(ledger)
            json.endObject()
        }
        json.beginObject()
        json.key("sessions")
        json.integer(parity.sessions)
        pair("tokens", [UInt8]("\(parity.fileTokens)".utf8), [UInt8]("\(parity.ledgerTokens)".utf8))
        let (told, kept) = (NanoUSD.dollars(parity.fileCost), NanoUSD.dollars(parity.ledgerCost))
        pair("costUsd", [UInt8]("\"\(told)\"".utf8), [UInt8]("\"\(kept)\"".utf8))
        pair("runtimeMs", [UInt8]("\(parity.fileRuntime)".utf8), [UInt8]("\(parity.ledgerRuntime)".utf8))
        json.key("matches")
        json.bool(parity.matches)
        json.endObject()
    }
}
