/// How much a log line matters. `warning`: a person may want to look; `error`: a person must.
package enum Level: String, Comparable, CaseIterable, Sendable {
    case debug, info, warning, error

    package static func < (left: Level, right: Level) -> Bool {
        left.weight < right.weight
    }

    private var weight: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}

/// One line of the log: a constant name, and what varies as searchable fields.
package struct Event: Equatable, Sendable {
    package let level: Level
    package let name: String
    package let fields: [String: String]

    package init(level: Level, name: String, fields: [String: String]) {
        self.level = level
        self.name = name
        self.fields = fields
    }
}

/// A value that is passed down and enriched; where lines go is decided once, in `main`.
package struct Logger: Sendable {
    private let threshold: Level
    private let fields: [String: String]
    private let sink: @Sendable (Event) -> Void

    package init(
        threshold: Level = .debug, fields: [String: String] = [:], sink: @escaping @Sendable (Event) -> Void
    ) {
        self.threshold = threshold
        self.fields = fields
        self.sink = sink
    }

    /// A logger that keeps nothing.
    package static let silent = Logger(threshold: .error) { _ in }

    /// `name` is a `StaticString`: what varies belongs in `fields`, where it can be searched.
    package func log(_ level: Level, _ name: StaticString, _ more: [String: String] = [:]) {
        guard level >= threshold else { return }
        sink(Event(level: level, name: name.description, fields: fields.merging(more) { _, new in new }))
    }

    package func with(_ more: [String: String]) -> Logger {
        Logger(threshold: threshold, fields: fields.merging(more) { _, new in new }, sink: sink)
    }
}
