package import Model
import Store

/// Which sessions a figure is about: those that started within a span, of an agent, a model, a kind of task. What is
/// `nil` is any.
package struct UsageFilter: Equatable, Sendable {
    package var from: Timestamp
    /// The last moment that belongs to the span.
    package var through: Timestamp
    package var agent: String?
    package var model: String?
    package var task: String?

    /// The years that RFC 3339 can write.
    package static let beginning = UTCDay.all.lowerBound
    package static let end = UTCDay.all.upperBound

    package init(
        from: Timestamp? = nil, through: Timestamp? = nil, agent: String? = nil, model: String? = nil,
        task: String? = nil
    ) {
        self.from = from ?? Self.beginning
        self.through = through ?? Self.end
        self.agent = agent
        self.model = model
        self.task = task
    }

    var scope: UsageScope {
        var scope: UsageScope = []
        if agent != nil { scope.insert(.agent) }
        if model != nil { scope.insert(.model) }
        if task != nil { scope.insert(.task) }
        return scope
    }

    func matches(_ bucket: UsageBucket) -> Bool {
        (agent.map { $0 == bucket.agentID } ?? true) && (model.map { $0 == bucket.modelID } ?? true)
            && (task.map { $0 == bucket.taskCategory } ?? true)
    }

    /// The span as whole days, for which there are sums, and the parts of days at its edges, for which there are none.
    var days: (whole: ClosedRange<UTCDay>?, parts: [ClosedRange<Timestamp>]) {
        from <= through ? UTCDay.days(of: from...through) : (nil, [])
    }
}
