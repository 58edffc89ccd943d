import JSON
import Model
import SQLite
import Store

/// The event `job.dead`: a job was given up, and stays until somebody decides. Written with the end that it reports.
///
/// Deliveries are left out: a delivery that cannot be made would be told by deliveries, which cannot be made either.
struct TellDeadJob: Write {
    private let id: JobID
    private let kind: String
    private let stage: String
    private let attempt: Int
    private let errorClass: String
    private let traceParent: String?
    private let now: Timestamp

    init(_ job: ClaimedJob, stage: StageName, errorClass: String, now: Timestamp) {
        id = job.id
        kind = job.kind
        self.stage = stage.rawValue
        attempt = job.attempt
        self.errorClass = errorClass
        traceParent = job.traceParent
        self.now = now
    }

    init(_ job: ExpiredJob, now: Timestamp) {
        id = job.id
        kind = job.kind
        stage = job.stage
        attempt = job.attempt
        errorClass = "expired"
        traceParent = nil
        self.now = now
    }

    func apply(to connection: borrowing Connection) throws(SQLiteError) {
        if Self.scoring.contains(kind) {
            let reason = "the job \(id) (\(kind)) is dead: \(errorClass)"
            try connection.run(
                Query<Void>.reportComponent("scoreCompute", status: "failed", lastError: reason, now: now))
        }
        guard stage != StageName.notify.rawValue, let event else { return }
        try EmitEvent(event, now: now).apply(to: connection)
    }

    /// Without these nothing new is published. The next publication says that all is well again.
    private static let scoring = [ScoreSnapshot.name, PublishFeed.name]

    /// An operator may let the job try again, and it may die again: so the moment belongs to its name.
    private var event: OutgoingEvent? {
        OutgoingEvent(
            type: "job.dead", originKey: "job.dead:\(id.rawValue):\(now.milliseconds)", occurredAt: now,
            traceParent: traceParent
        ) { json in
            json.beginObject()
            json.key("jobId")
            json.integer(id.rawValue)
            json.key("kind")
            json.string(kind)
            json.key("stage")
            json.string(stage)
            json.key("attempts")
            json.integer(attempt)
            json.key("errorClass")
            json.string(errorClass)
            json.key("link")
            json.string("/ops")
            json.endObject()
        }
    }
}
