import Crypto
package import JSON
package import Model

/// What an older system kept in JSON files: five collections, as `helicarrier import ledger` reads them.
///
/// Each row is read by itself: what is wrong with one is said with its JSON pointer, and the others are taken.
package struct LegacyExport: Sendable {
    /// The collections, by their names in the file.
    package enum Collection: String, CaseIterable, Sendable {
        case ledger, events, usage, alertRules, alertStates
    }

    /// What is wrong with a row, and where it stands.
    package struct Fault: Error, Equatable, Sendable {
        package let pointer: String
        package let message: String

        package init(_ pointer: String, _ message: String) {
            self.pointer = pointer
            self.message = message
        }
    }

    /// A row that could be read, with its place.
    package struct Row<Value: Sendable>: Sendable {
        package let pointer: String
        package let value: Value
    }

    /// A session as it was kept; its events and its usage stand in other collections.
    package struct Session: Sendable {
        package var session: CanonicalSession
        /// When the older system took it.
        package let takenAt: Timestamp?
        package let runtime: Int64?
        package let hash: [UInt8]
    }

    package struct Event: Sendable {
        package let sessionID: String
        package let event: CanonicalEvent
    }

    package struct Usage: Sendable {
        package let sessionID: String
        package let usage: ReportedUsage
        package let provider: String?
        package let isRuntimeReported: Bool
        /// As it was shown, for parity: what the file itself sums up to.
        package let totalTokens: Int64?
        package let cost: Int64?
        package let hash: [UInt8]
    }

    package struct Rule: Sendable {
        package let id: String
        /// What it says, in the words of the API.
        package let body: JSONNode
        package let createdAt, updatedAt: Timestamp
    }

    package struct State: Sendable {
        package let ruleID, scope, status: String
        package let value: Double?
        package let triggeredAt, notifiedAt: Timestamp?
        package let evaluatedAt: Timestamp
        package let isDeduped: Bool
    }

    package private(set) var sessions: [Row<Session>] = []
    package private(set) var events: [Row<Event>] = []
    package private(set) var usages: [Row<Usage>] = []
    package private(set) var rules: [Row<Rule>] = []
    package private(set) var states: [Row<State>] = []
    /// How many rows each collection has, good or not.
    package private(set) var counts: [Collection: Int] = [:]
    package private(set) var faults: [Collection: [Fault]] = [:]
    /// Keys of the file that are none of the collections.
    package private(set) var ignored: [String] = []

    /// - Throws: where the file as a whole is none of these.
    package init(_ document: JSONDocument) throws(Fault) {
        let root = document.root
        guard root.kind == .object else { throw Fault("", "must be an object with \(Self.names)") }
        ignored = root.members.map(\.key).filter { Collection(rawValue: $0) == nil }
        guard Collection.allCases.contains(where: { root[$0.rawValue] != nil }) else {
            throw Fault("", "must have at least one of \(Self.names)")
        }
        var ids: Set<[UInt8]> = []
        sessions = read(.ledger, root) { node, pointer, faults in Self.session(node, pointer, &ids, &faults) }
        ids = []
        events = read(.events, root) { node, pointer, faults in Self.event(node, pointer, &ids, &faults) }
        ids = []
        usages = read(.usage, root) { node, pointer, faults in Self.usage(node, pointer, &ids, &faults) }
        rules = read(.alertRules, root, Self.rule)
        states = read(.alertStates, root, Self.state)
    }

    private static let names = Collection.allCases.map(\.rawValue).joined(separator: ", ")

    /// Reads each row of a collection; one with anything wrong is not kept.
    private mutating func read<Value>(
        _ collection: Collection, _ root: JSONNode, _ take: (JSONNode, String, inout FaultList) -> Value?
    ) -> [Row<Value>] {
        guard let list = root[collection.rawValue], !list.isNull else { return [] }
        guard list.kind == .array else {
            faults[collection] = [Fault("/\(collection.rawValue)", "must be an array")]
            return []
        }
        var rows: [Row<Value>] = []
        var found: [Fault] = []
        for (index, node) in list.elements.enumerated() {
            let pointer = "/\(collection.rawValue)/\(index)"
            var wrong = FaultList()
            if node.kind != .object {
                wrong.add(pointer, "must be an object")
            } else if let value = take(node, pointer, &wrong) {
                rows.append(Row(pointer: pointer, value: value))
            }
            found += wrong.details.map { Fault($0.field, $0.message) }.sorted { $0.pointer < $1.pointer }
        }
        counts[collection] = list.count
        faults[collection] = found
        return rows
    }
}

extension LegacyExport {
    private static func hash(_ node: JSONNode) -> [UInt8] { SHA256.digest(CanonicalJSON.bytes(of: node)).bytes }

    /// Ids are told apart by their bytes, as in the database.
    private static func isNew(_ id: String?, _ ids: inout Set<[UInt8]>, _ field: String, _ faults: inout FaultList) {
        if let id, !ids.insert([UInt8](id.utf8)).inserted { faults.add(field, "must not be repeated") }
    }

    private static func session(
        _ node: JSONNode, _ pointer: String, _ ids: inout Set<[UInt8]>, _ faults: inout FaultList
    ) -> Session? {
        let fields = FieldReader(object: node, prefix: pointer + "/")
        let id = fields.required("sessionId", &faults)
        isNew(id, &ids, fields.field("sessionId"), &faults)
        let agent = fields.required("agentId", &faults)
        let model = fields.required("modelId", &faults)
        let word = fields.required("status", &faults)
        let status = word.flatMap { StateMap.status[$0] }
        if word != nil, status == nil { faults.add(fields.field("status"), "must be one of \(StateMap.words)") }
        let start = fields.requiredMoment("startedAt", &faults)
        let end = fields.moment("endedAt", &faults)
        if let start, let end, end < start { faults.add(fields.field("endedAt"), "must not be before startedAt") }
        let takenAt = fields.moment("ingestedAt", &faults)
        let runtime = fields.count("runtimeMs", &faults)
        let (label, category) = (fields.text("agentLabel", &faults), fields.text("taskCategory", &faults))
        let title = fields.text("taskTitle", atMost: FieldLimit.title, &faults)
        let text = fields.text("taskText", atMost: FieldLimit.text, &faults)
        let error = fields.text("errorMessage", atMost: FieldLimit.text, &faults)
        let (run, code) = (fields.text("runId", &faults), fields.text("errorCode", &faults))
        let version = fields.text("sourceVersion", &faults)
        let artifacts = fields.count("artifactCount", &faults)
        guard faults.details.isEmpty, let id, let agent, let model, let status, let start else { return nil }
        let hash = hash(node)
        var session = CanonicalSession(
            sessionID: id, agentID: agent, modelID: model, status: status, startedAt: start, source: .imported,
            contract: "json", fingerprint: hash)
        session.endedAt = status.isOpen ? nil : end
        (session.runID, session.agentLabel, session.taskCategory) = (run, label, category)
        (session.taskTitle, session.taskText, session.errorMessage) = (title, text, error)
        (session.errorCode, session.sourceVersion, session.artifactCount) = (code, version, artifacts)
        session.takenAt = takenAt
        // What start and end give is no measurement, and neither is the 0 of a session that is under way.
        let derived = session.endedAt.map { $0.milliseconds - start.milliseconds }
        if runtime != derived, derived != nil || runtime != 0 { session.reportedRuntime = runtime }
        return Session(session: session, takenAt: takenAt, runtime: runtime, hash: hash)
    }

    private static func event(
        _ node: JSONNode, _ pointer: String, _ ids: inout Set<[UInt8]>, _ faults: inout FaultList
    ) -> Event? {
        let fields = FieldReader(object: node, prefix: pointer + "/")
        guard let id = fields.required("sessionId", &faults), let read = SessionReader.event(fields, &faults)
        else { return nil }
        // Ids have no U+0000.
        isNew("\(id)\u{0}\(read.event.eventID)", &ids, fields.field("eventId"), &faults)
        guard faults.details.isEmpty else { return nil }
        return Event(sessionID: id, event: read.event)
    }

    private static func usage(
        _ node: JSONNode, _ pointer: String, _ ids: inout Set<[UInt8]>, _ faults: inout FaultList
    ) -> Usage? {
        let fields = FieldReader(object: node, prefix: pointer + "/")
        let id = fields.required("sessionId", &faults)
        isNew(id, &ids, fields.field("sessionId"), &faults)
        var usage = ReportedUsage()
        usage.promptTokens = fields.count("promptTokens", &faults)
        usage.completionTokens = fields.count("completionTokens", &faults)
        usage.totalTokens = fields.count("totalTokens", &faults)
        let cost = fields.money("costUsd", &faults)
        var kept = ImportedUsage()
        kept.tokenSource = word("tokenSource", fields, &faults)
        kept.tokenConfidence = word("tokenConfidence", fields, &faults)
        kept.costLevel = word("costConfidenceLevel", fields, &faults)
        let source: CostSource? = word("costSource", fields, &faults)
        let confidence: CostConfidence? = word("costConfidence", fields, &faults)
        let runtimeSource: RuntimeSource? = word("runtimeSource", fields, &faults)
        if source == .providerReported || (source == nil && confidence == .exact) {
            usage.billedCost = cost
        } else {
            kept.estimate = cost
            kept.pricingVersion = fields.text("pricingVersion", &faults)
        }
        usage.imported = kept
        let provider = fields.text("provider", &faults)
        guard faults.details.isEmpty, let id else { return nil }
        let sum = usage.promptTokens.flatMap { prompt in usage.completionTokens.map { prompt + $0 } }
        return Usage(
            sessionID: id, usage: usage, provider: provider, isRuntimeReported: runtimeSource == .providerReported,
            totalTokens: usage.totalTokens ?? sum, cost: cost, hash: hash(node))
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ fields: FieldReader, _ faults: inout FaultList
    ) -> Word? where Word.RawValue == String {
        guard let text = fields.text(name, &faults) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        faults.add(fields.field(name), "must be one of \(known)")
        return nil
    }

    private static func number(_ name: String, _ fields: FieldReader, _ faults: inout FaultList) -> Double? {
        guard let node = fields.object[name], !node.isNull else { return nil }
        if let number = node.double, number >= 0 { return number }
        faults.add(fields.field(name), "must be a number >= 0")
        return nil
    }

    private static func rule(_ node: JSONNode, _ pointer: String, _ faults: inout FaultList) -> Rule? {
        let fields = FieldReader(object: node, prefix: pointer + "/")
        let id = fields.required("ruleId", &faults)
        let created = fields.moment("createdAt", &faults)
        let updated = fields.moment("updatedAt", &faults)
        guard faults.details.isEmpty, let id else { return nil }
        // A rule that does not say when it was made is older than any that does.
        let origin = created ?? updated ?? Timestamp(milliseconds: 0)
        return Rule(id: id, body: node, createdAt: origin, updatedAt: updated ?? origin)
    }

    private static func state(_ node: JSONNode, _ pointer: String, _ faults: inout FaultList) -> State? {
        let fields = FieldReader(object: node, prefix: pointer + "/")
        let rule = fields.required("ruleId", &faults)
        let scope = fields.text("scope", atMost: 1_025, &faults) ?? "global"
        let status = fields.required("status", &faults)
        if let status, !["ok", "warning", "critical", "resolved"].contains(status) {
            faults.add(fields.field("status"), "must be one of ok, warning, critical, resolved")
        }
        let value = number("value", fields, &faults)
        let triggered = fields.moment("triggeredAt", &faults)
        let notified = fields.moment("notifiedAt", &faults) ?? fields.moment("lastNotifiedAt", &faults)
        let evaluated = fields.moment("evaluatedAt", &faults) ?? fields.moment("updatedAt", &faults)
        let isDeduped = fields.flag("deduped", &faults) ?? false
        if status != "ok", triggered == nil {
            faults.add(fields.field("triggeredAt"), "is required unless status is ok")
        }
        guard faults.details.isEmpty, let rule, let status else { return nil }
        return State(
            ruleID: rule, scope: scope, status: status, value: value, triggeredAt: triggered, notifiedAt: notified,
            evaluatedAt: evaluated ?? triggered ?? Timestamp(milliseconds: 0), isDeduped: isDeduped)
    }
}
