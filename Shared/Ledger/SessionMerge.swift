import Contracts
import Model
import Store

extension SessionRow {
    /// A session as it stands after it was told: what the sender left out stays as it was known before.
    init(_ session: CanonicalSession, before: SessionRow?, now: Timestamp) {
        self.init(
            sessionID: session.sessionID, agentID: session.agentID, modelID: session.modelID, status: session.status,
            startedAt: session.startedAt, source: session.source, contract: session.contract,
            fingerprint: session.fingerprint, ingestedAt: session.takenAt ?? now)
        runID = session.runID ?? before?.runID
        agentLabel = session.agentLabel ?? before?.agentLabel
        provider = session.provider ?? before?.provider
        taskTitle = session.taskTitle ?? before?.taskTitle
        taskText = session.taskText ?? before?.taskText
        taskCategory = session.taskCategory ?? before?.taskCategory
        endedAt = session.endedAt
        (runtime, runtimeSource) = session.runtime
        errorCode = session.errorCode ?? before?.errorCode
        errorMessage = session.errorMessage ?? before?.errorMessage
        sourceVersion = session.sourceVersion ?? before?.sourceVersion
        if let before {
            revision = before.revision + 1
            firstIngestedAt = before.firstIngestedAt
        }
    }
}
