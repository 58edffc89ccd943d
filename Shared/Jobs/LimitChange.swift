import Daemon
import Model
package import SQLite
package import Store

/// What can be limited, by the name that the command line and the page give it.
package enum LimitField: String, CaseIterable, Sendable {
    /// Of a stage: how many jobs may wait in it.
    case depth
    /// Of a stage: how old its oldest waiting job may become before somebody should look.
    case objective
    /// Of a kind: how many jobs may run at once over all processes.
    case running
    /// Of a kind: how many jobs may start in a time.
    case rate

    /// What a stage or a kind has of them.
    package static func fields(of target: String) -> [LimitField] {
        StageName(rawValue: target) != nil ? [.depth, .objective] : [.running, .rate]
    }

    package var expectation: String {
        switch self {
        case .depth, .running: "a whole number"
        case .objective: Period.expectation
        case .rate: "a number and a length of time such as 10/1s"
        }
    }
}

/// What a stage or kind may take now.
package struct TargetLimits: Equatable, Sendable {
    package var limit: QueueLimit
    package var pace: PaceLimit?

    package init(_ limit: QueueLimit, pace: PaceLimit? = nil) {
        self.limit = limit
        self.pace = pace
    }

    package var target: String { limit.target }

    /// A limit as ``LimitChange`` reads it; `nil` where there is none.
    package func text(_ field: LimitField) -> String? {
        switch field {
        case .depth: limit.depth.map { String($0) }
        case .running: limit.running.map { String($0) }
        case .objective: limit.objective.map(Self.text)
        case .rate:
            pace.map { pace in
                // The interval is a whole number of microseconds, so what it was made of is a little more.
                let time = (pace.interval * Int64(pace.burst) + 500_000) / 1_000_000
                return "\(pace.burst)/" + Self.text(.seconds(max(1, time)))
            }
        }
    }

    /// A length of time in the largest unit that leaves no rest.
    private static func text(_ length: Duration) -> String {
        let seconds = length.components.seconds
        for (letter, unit) in [("d", Int64(86_400)), ("h", 3_600), ("m", 60)] where seconds.isMultiple(of: unit) {
            return "\(seconds / unit)\(letter)"
        }
        return "\(seconds)s"
    }
}

/// What somebody asks to change of the limits of a stage or kind; what is not named stays.
package struct LimitChange: Equatable, Sendable {
    /// Why a text is no limit.
    package struct Fault: Error, Equatable {
        package let field: LimitField

        package var words: String { "\(field.rawValue) expects \(field.expectation), or off" }
    }

    /// In one way of writing, whatever way it was asked in; `off` takes a limit away.
    package private(set) var texts: [LimitField: String] = [:]

    /// - Parameter text: what was given for a field, if anything.
    package init(_ text: (LimitField) -> String?) throws(Fault) {
        for field in LimitField.allCases {
            guard let given = text(field) else { continue }
            guard given != "off" else {
                texts[field] = given
                continue
            }
            var alone = TargetLimits(QueueLimit(target: "-"))
            guard Self.set(field, given, in: &alone), let canonical = alone.text(field) else {
                throw Fault(field: field)
            }
            texts[field] = canonical
        }
    }

    package var isEmpty: Bool { texts.isEmpty }

    /// For audit rows: "depth 5, objective off".
    package var words: String {
        LimitField.allCases.compactMap { field in texts[field].map { "\(field.rawValue) \($0)" } }
            .joined(separator: ", ")
    }

    /// The part of it that says something else than what is.
    package func without(_ now: TargetLimits) -> LimitChange {
        var change = self
        change.texts = texts.filter { ($0.value == "off" ? nil : $0.value) != now.text($0.key) }
        return change
    }

    package func applied(to old: TargetLimits) -> TargetLimits {
        var limits = old
        for (field, text) in texts {
            let isSet = Self.set(field, text == "off" ? nil : text, in: &limits)
            precondition(isSet, "read back what it wrote")
        }
        return limits
    }

    private static func set(_ field: LimitField, _ text: String?, in limits: inout TargetLimits) -> Bool {
        switch field {
        case .depth: limits.limit.depth = text.flatMap(count)
        case .running: limits.limit.running = text.flatMap(count)
        case .objective: limits.limit.objective = text.flatMap { Period(setting: $0)?.duration }
        case .rate: limits.pace = text.flatMap { pace($0, key: limits.target) }
        }
        return text == nil || limits.text(field) != nil
    }

    private static func count(_ text: String) -> Int? {
        Int(text).flatMap { $0 > 0 ? $0 : nil }
    }

    private static func pace(_ text: String, key: String) -> PaceLimit? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let count = Int32(parts[0]), count > 0, let period = Period(setting: parts[1]) else {
            return nil
        }
        let interval = max(1, period.duration.milliseconds * 1_000 / Int64(count))
        return PaceLimit(key: key, interval: interval, burst: Int(count))
    }
}

extension Connection {
    /// What a stage or kind may take; to be called inside a consistent read.
    package func limits(of target: String) throws(SQLiteError) -> TargetLimits {
        TargetLimits(
            try run(.limit(of: target)).first ?? QueueLimit(target: target), pace: try run(.pace(target)).first)
    }

    /// What every stage may take, each followed by its kinds, in the order of the flow.
    package func limits() throws(SQLiteError) -> [TargetLimits] {
        var all: [TargetLimits] = []
        for stage in StageName.allCases {
            all.append(try limits(of: stage.rawValue))
            for kind in Catalog.kinds where kind.stage == stage { all.append(try limits(of: kind.name)) }
        }
        return all
    }
}

extension QueueOperator {
    /// Changes what a stage or kind may take, at once and in every process.
    package func limit(_ target: String, _ change: LimitChange) async throws(SQLiteError) {
        let entry = AuditEntry(at: now(), who: name, action: "queue limit", target: target, result: change.words)
        try await database.write { db throws(SQLiteError) in
            let limits = change.applied(to: try db.limits(of: target))
            try db.run(.limit(limits.limit))
            if change.texts[.rate] != nil {
                if let pace = limits.pace {
                    try db.run(.limitPace(pace))
                } else {
                    try db.run(.freePace(target))
                }
            }
            try db.run(.audit(entry))
        }
    }
}
