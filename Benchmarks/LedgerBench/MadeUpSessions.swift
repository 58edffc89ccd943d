import BenchClient
import Contracts
import Crypto
import Model

/// Sessions that nobody ran: the same number is the same session in every process.
struct MadeUpSessions: Sendable {
    static let models = [
        ("openai", "gpt-5"), ("openai", "gpt-5-mini"), ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"),
        ("openai", "o3"),
        ("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-opus-4-1"), ("anthropic", "claude-haiku-4-5"),
        ("google", "gemini-2.5-pro"), ("google", "gemini-2.5-flash"), ("mistral", "mistral-large-latest"),
        ("acme", "in-house-8b"),
    ]
    static let tasks = ["review", "mend", "summarise", "translate", "plan", "research"]
    static let agentCount = 25
    private static let words = [
        "amber", "cedar", "delta", "ember", "fjord", "kelp", "lumen", "onyx", "quartz", "zephyr", "harbor", "meadow",
        "pepper", "saddle", "timber", "velvet", "walnut", "yonder", "copper", "marble",
    ]
    /// 2026-09-01.
    private static let origin = Timestamp(milliseconds: 1_788_220_800_000)

    /// The days over which they started; 0: they are told as they end, five thousand a second.
    let days: Int
    let events: Int

    /// The session with a number: one in twenty runs, one in twelve failed.
    func session(_ number: Int) -> CanonicalSession {
        var chance = Chance(number, 1)
        let (provider, model) = chance.one(of: Self.models)
        let fate = chance.below(60)
        let status: SessionStatus = fate < 3 ? .running : fate < 8 ? .failed : fate < 10 ? .killed : .success
        let length = Int64(1_000 + chance.below(600_000))
        let start =
            Self.origin + .milliseconds(days > 0 ? Int64(chance.below(days * 86_400_000)) : Int64(number / 5) - length)
        var session = CanonicalSession(
            sessionID: "run-\(number)-\(String(chance.next(), radix: 36))",
            agentID: "agent-\(chance.below(Self.agentCount))", modelID: model, status: status, startedAt: start,
            source: .ingest, contract: "v1", fingerprint: SHA256.digest(Array("session \(number)".utf8)).bytes)
        session.provider = provider
        session.taskCategory = chance.below(4) == 0 ? nil : chance.one(of: Self.tasks)
        session.taskTitle = (0..<4).map { _ in Self.word(&chance) }.joined(separator: " ")
        session.taskText = (0..<12).map { _ in Self.word(&chance) }.joined(separator: " ") + " no \(number)"
        if !status.isOpen { session.endedAt = start + .milliseconds(length) }
        if status == .failed { session.errorMessage = "\(Self.word(&chance)) was refused" }
        var usage = ReportedUsage()
        usage.promptTokens = Int64(100 + chance.below(60_000))
        usage.completionTokens = Int64(10 + chance.below(4_000))
        if chance.below(5) == 0 { usage.billedCost = Int64(chance.below(2_000_000_000)) }
        session.usage = usage
        session.events = (0..<events).map { place in
            CanonicalEvent(
                eventID: "e\(place)", sequence: Int64(place), type: place == 0 ? .message : .toolCall,
                at: start + .seconds(Int64(place)), payload: "{\"tool\":\"search\",\"n\":\(place)}")
        }
        return session
    }

    /// One of a thousand.
    private static func word(_ chance: inout Chance) -> String { "\(chance.one(of: words))\(chance.below(50))" }

    /// The same as an envelope.
    func body(_ number: Int) -> String {
        let session = session(number)
        var fields = [
            "\"sessionId\":\"\(session.sessionID)\"", "\"state\":\"\(session.status.rawValue)\"",
            "\"agentId\":\"\(session.agentID)\"", "\"modelId\":\"\(session.modelID)\"",
            "\"startedAt\":\"\(session.startedAt.rfc3339)\"", "\"title\":\"\(session.taskTitle ?? "")\"",
            "\"task\":\"\(session.taskText ?? "")\"", "\"provider\":\"\(session.provider ?? "")\"",
            "\"promptTokens\":\(session.usage?.promptTokens ?? 0)",
            "\"completionTokens\":\(session.usage?.completionTokens ?? 0)",
        ]
        if let task = session.taskCategory { fields.append("\"taskCategory\":\"\(task)\"") }
        if let end = session.endedAt { fields.append("\"endedAt\":\"\(end.rfc3339)\"") }
        if let billed = session.usage?.billedCost { fields.append("\"billedCostUsd\":\(NanoUSD.dollars(billed))") }
        let events = session.events.map { event in
            "{\"eventId\":\"\(event.eventID)\",\"seq\":\(event.sequence),\"eventType\":\"\(event.type.rawValue)\","
                + "\"eventTs\":\"\(event.at.rfc3339)\",\"payload\":\(event.payload)}"
        }
        return "{\"envelope_version\":\"v1\",\"payload\":{\"session\":{\(fields.joined(separator: ","))},"
            + "\"events\":[\(events.joined(separator: ","))]}}"
    }
}
