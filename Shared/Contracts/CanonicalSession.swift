package import Model

/// A session as the ledger takes it, whichever contract it came by. Only valid values get here: the adapters have
/// checked every rule.
///
/// What a sender left out is `nil`; in an update the ledger keeps what it was told before.
package struct CanonicalSession: Equatable, Sendable {
    package var sessionID: String
    package var runID: String?
    package var agentID: String
    package var agentLabel: String?
    package var modelID: String
    package var provider: String?
    package var taskTitle: String?
    package var taskText: String?
    package var taskCategory: String?
    package var status: SessionStatus
    package var startedAt: Timestamp
    /// `nil` for an open session, and where nobody said when it ended.
    package var endedAt: Timestamp?
    /// As the sender measured it; `nil`: from start and end.
    package var reportedRuntime: Int64?
    /// `nil`: as many as there are events that tell of one.
    package var artifactCount: Int64?
    package var errorCode: String?
    package var errorMessage: String?
    package var sourceVersion: String?
    package var events: [CanonicalEvent] = []
    /// `nil`: the sender said nothing about tokens and money.
    package var usage: ReportedUsage?
    package var source: SessionSource
    /// When an older system took it; `nil`: it is taken now.
    package var takenAt: Timestamp?
    /// The version of the contract that it came by, as `v1`.
    package var contract: String
    /// The SHA-256 of the canonical form (RFC 8785) of what was sent.
    package var fingerprint: [UInt8]

    package init(
        sessionID: String, agentID: String, modelID: String, status: SessionStatus, startedAt: Timestamp,
        source: SessionSource, contract: String, fingerprint: [UInt8]
    ) {
        precondition(fingerprint.count == 32, "a fingerprint is a SHA-256")
        self.sessionID = sessionID
        self.agentID = agentID
        self.modelID = modelID
        self.status = status
        self.startedAt = startedAt
        self.source = source
        self.contract = contract
        self.fingerprint = fingerprint
    }

    /// How long it ran, and how that is known.
    package var runtime: (milliseconds: Int64?, source: RuntimeSource) {
        if let reportedRuntime { return (reportedRuntime, .providerReported) }
        guard let endedAt else { return (nil, .missing) }
        return (endedAt.milliseconds - startedAt.milliseconds, .derived)
    }
}

/// Something that happened in a session.
package struct CanonicalEvent: Equatable, Sendable {
    package let eventID: String
    package let sequence: Int64
    package let type: SessionEventType
    package let at: Timestamp
    /// JSON, compact.
    package let payload: String

    package init(eventID: String, sequence: Int64, type: SessionEventType, at: Timestamp, payload: String) {
        self.eventID = eventID
        self.sequence = sequence
        self.type = type
        self.at = at
        self.payload = payload
    }
}

/// What a sender says about tokens and money, as it says it: which tokens are counted where is for pricing to decide.
package struct ReportedUsage: Equatable, Sendable {
    package var promptTokens: Int64?
    package var completionTokens: Int64?
    package var totalTokens: Int64?
    /// What the provider charged, in nano-USD.
    package var billedCost: Int64?
    /// The finer counts, where the sender has them.
    package var detail: TokenDetail?
    /// What an older system made of them; its figures stand until prices are computed anew.
    package var imported: ImportedUsage?

    package init() {}
}

/// What an older system says beside the counts.
package struct ImportedUsage: Equatable, Sendable {
    /// What it reckoned the cost to be, in nano-USD.
    package var estimate: Int64?
    /// By which prices.
    package var pricingVersion: String?
    package var tokenSource: FigureSource?
    package var tokenConfidence: Confidence?
    package var costLevel: Confidence?

    package init() {}
}

/// Tokens by kind (`usage` of an envelope).
package struct TokenDetail: Equatable, Sendable {
    package var inputTokens: Int64?
    package var outputTokens: Int64?
    package var cacheReadTokens: Int64?
    package var cacheWrite5mTokens: Int64?
    package var cacheWrite1hTokens: Int64?
    package var reasoningTokens: Int64?
    /// Whether cached tokens are counted in the input too; `nil`: as the provider does.
    package var cachedInInput: Bool?
    /// What the provider itself said, as JSON.
    package var raw: String?

    package init() {}
}
