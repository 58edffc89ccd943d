import FoundationEssentials
package import Model

/// A kind of work: its lasting name, its payload, and how its failures are retried.
///
/// Payloads carry identifiers and small values, not documents. A field that is added stays optional for one release,
/// because old rows are still waiting; a change that old code would misread raises ``version``.
package protocol JobKind: Codable, Sendable {
    /// Written to the database. Rename the Swift type freely; never this.
    static var name: String { get }
    static var stage: StageName { get }
    static var version: Int { get }
    static var retry: RetryPolicy { get }
    /// How many jobs of the kind one process runs at a time.
    static var concurrency: Int { get }
    /// At most one unfinished job has this key.
    var uniqueKey: String? { get }
    /// Jobs with the same key start no faster than its pace, if it has one (table `rate_limit`).
    var rateKey: String? { get }
    /// Whether a job lets its key go when it starts, so that a change during the run asks for another run.
    static var coalesces: Bool { get }
}

extension JobKind {
    package static var version: Int { 1 }
    package static var concurrency: Int { 2 }
    package static var coalesces: Bool { false }
    package var uniqueKey: String? { nil }
    package var rateKey: String? { nil }

    /// The job that does this work.
    package func job(
        priority: Int = 0, runAt: Timestamp? = nil, parent: JobID? = nil, traceParent: String? = nil
    ) -> NewJob {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let payload = try? encoder.encode(self) else {
            preconditionFailure("\(Self.name) has a payload that JSON cannot express")
        }
        return NewJob(
            kind: Self.name, stage: Self.stage, payload: String(decoding: payload, as: UTF8.self),
            payloadVersion: Self.version, priority: priority, maxAttempts: Self.retry.attempts, runAt: runAt,
            uniqueKey: uniqueKey, coalesces: Self.coalesces, rateKey: rateKey, parent: parent, traceParent: traceParent)
    }

    /// Reads a stored payload; the failure says what is wrong with it.
    package init(payload: String, version: Int) throws(JobFailure) {
        guard version <= Self.version else {
            throw .permanent(
                "payload", "payload version \(version) of \(Self.name) is newer than this binary's \(Self.version)")
        }
        guard version >= 1 else {
            throw .permanent("payload", "there is no payload version \(version) of \(Self.name)")
        }
        // A kind without fields would take anything.
        guard payload.first(where: { !$0.isWhitespace }) == "{" else {
            throw .permanent("payload", "the payload of \(Self.name) is not an object")
        }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(payload.utf8))
        } catch {
            throw .permanent("payload", "the payload of \(Self.name) does not decode: \(error)")
        }
    }
}
