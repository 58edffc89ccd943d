import Crypto
import JSON
import Model

/// Reads the payload of an envelope: a session, its events and its usage, with everything that is wrong with them.
struct SessionReader {
    let contract: SessionContract

    func read(_ payload: JSONNode, _ faults: inout FaultList) -> CanonicalSession? {
        guard let object = payload[contract.session], object.kind == .object else {
            faults.add(contract.session, "\(contract.session) object is required")
            _ = events(payload, of: nil, &faults)
            return nil
        }
        let fields = FieldReader(object: object, prefix: "\(contract.session).")
        let sessionID = fields.required("sessionId", &faults)
        let agentID = fields.required("agentId", &faults)
        let modelID = fields.required("modelId", &faults)
        let status = Self.status(fields, &faults)
        let startedAt = fields.requiredMoment("startedAt", &faults)
        let endedAt = Self.end(fields, startedAt, &faults)
        let facts = Facts(fields, &faults)
        let usage = usage(payload, fields, &faults)
        let events = events(payload, of: sessionID, &faults)
        guard let sessionID, let agentID, let modelID, let status, let startedAt else { return nil }

        var session = CanonicalSession(
            sessionID: sessionID, agentID: agentID, modelID: modelID, status: status, startedAt: startedAt,
            source: .ingest, contract: contract.name,
            fingerprint: SHA256.digest(CanonicalJSON.bytes(of: payload, without: "idempotency_key")).bytes)
        // Senders that always send the time of their last sign of life do so before the end, too.
        session.endedAt = status.isOpen ? nil : endedAt
        session.reportedRuntime = facts.runtime
        session.runID = facts.runID
        session.agentLabel = facts.agentLabel
        session.provider = facts.provider
        session.taskTitle = facts.title
        session.taskText = facts.task
        session.taskCategory = facts.category
        session.artifactCount = facts.artifacts
        session.sourceVersion = facts.sourceVersion
        session.events = events.map(\.event)
        session.usage = usage
        let error = events.filter { $0.event.type == .error }.max { $0.event.sequence < $1.event.sequence }
        session.errorCode = facts.errorCode ?? error?.code
        session.errorMessage = facts.errorMessage ?? error?.message
        return session
    }

    private static func status(_ fields: FieldReader, _ faults: inout FaultList) -> SessionStatus? {
        guard let word = fields.required("state", &faults) else { return nil }
        if let status = StateMap.status[word] { return status }
        faults.add(fields.field("state"), "must be one of \(StateMap.words)")
        return nil
    }

    /// When the session ended, by either name.
    private static func end(
        _ fields: FieldReader, _ startedAt: Timestamp?, _ faults: inout FaultList
    ) -> Timestamp? {
        let ends = ["endedAt", "terminalAt"].map { name in
            let end = fields.moment(name, &faults)
            if let end, let startedAt, end < startedAt || fields.isFinerBefore(name, "startedAt", end, startedAt) {
                faults.add(fields.field(name), "must not be before startedAt")
            }
            return end
        }
        return ends[0] ?? ends[1]
    }

    /// What a sender may say about a session beside what it has to.
    private struct Facts {
        let runID, agentLabel, provider, title, task, category, errorCode, errorMessage, sourceVersion: String?
        let artifacts, runtime: Int64?

        init(_ fields: FieldReader, _ faults: inout FaultList) {
            runID = fields.text("runId", &faults)
            agentLabel = fields.text("agentLabel", &faults)
            provider = fields.text("provider", &faults)
            title = fields.text("title", atMost: FieldLimit.title, &faults)
            task = fields.text("task", atMost: FieldLimit.text, &faults)
            category = fields.text("taskCategory", &faults)
            errorCode = fields.text("errorCode", &faults)
            errorMessage = fields.text("errorMessage", atMost: FieldLimit.text, &faults)
            sourceVersion = fields.text("sourceVersion", &faults)
            artifacts = fields.count("artifactCount", &faults)
            runtime = fields.count("runtimeMs", &faults)
        }
    }

    private func usage(
        _ payload: JSONNode, _ fields: FieldReader, _ faults: inout FaultList
    ) -> ReportedUsage? {
        var usage = ReportedUsage()
        usage.promptTokens = fields.count("promptTokens", &faults)
        usage.completionTokens = fields.count("completionTokens", &faults)
        usage.totalTokens = fields.count("totalTokens", &faults)
        usage.billedCost = fields.money("billedCostUsd", &faults)
        let places = [(payload["usage"], ""), (fields.object["usage"], fields.prefix)]
        let given = places.compactMap { node, prefix in
            node.flatMap { $0.isNull ? nil : (node: $0, prefix: "\(prefix)usage") }
        }
        if given.count > 1 { faults.add("usage", "must be given once") }
        if let first = given.first { usage.detail = Self.detail(first.node, first.prefix, &faults) }
        return usage == ReportedUsage() ? nil : usage
    }

    private static func detail(_ node: JSONNode, _ field: String, _ faults: inout FaultList) -> TokenDetail? {
        guard node.kind == .object else {
            faults.add(field, "must be an object")
            return nil
        }
        let fields = FieldReader(object: node, prefix: "\(field).")
        var detail = TokenDetail()
        detail.inputTokens = fields.count("inputTokens", &faults)
        detail.outputTokens = fields.count("outputTokens", &faults)
        detail.cacheReadTokens = fields.count("cacheReadTokens", &faults)
        detail.cacheWrite5mTokens = fields.count("cacheWrite5mTokens", &faults)
        detail.cacheWrite1hTokens = fields.count("cacheWrite1hTokens", &faults)
        detail.reasoningTokens = fields.count("reasoningTokens", &faults)
        detail.cachedInInput = fields.flag("cachedInInput", &faults)
        if let raw = node["raw"], !raw.isNull {
            if raw.kind == .object {
                detail.raw = String(decoding: CanonicalJSON.bytes(of: raw), as: UTF8.self)
            } else {
                faults.add(fields.field("raw"), "must be an object")
            }
        }
        return detail == TokenDetail() ? nil : detail
    }
}
