/// The values that a route's pattern took from a path, by name.
package struct Parameters: Sendable {
    private let names: [String]
    private let values: [String]

    init(names: [String] = [], values: [String] = []) {
        self.names = names
        self.values = values
    }

    /// A name that the pattern does not have is a programmer's error.
    package subscript(_ name: String) -> String {
        guard let index = names.firstIndex(of: name) else {
            preconditionFailure("the route has no parameter \(name)")
        }
        return values[index]
    }
}

/// The code behind a route, and where it runs.
package enum Handler: Sendable {
    /// Runs on the server's own thread: the fastest way, for answers that need no waiting.
    case immediate(@Sendable (Request, Parameters) -> Response)
    /// Runs as a task while the connection is suspended; it may wait. A client that leaves does not cancel it; a
    /// server that stops does not wait for it beyond its deadline.
    case deferred(@Sendable (Request, Parameters) async -> Response)
}

/// One line of the HTTP surface: a method, a pattern and the code behind it.
///
/// A pattern is a path. `:name` stands for one whole non-empty segment; `:name.svg` for one that ends in `.svg`;
/// `*name`, at the end, for all that is left, slashes included: for names that may hold any character.
package struct Route: Sendable {
    package let method: Method
    package let pattern: String
    package let handler: Handler
    let segments: [PatternSegment]

    package init(_ method: Method, _ pattern: String, handler: Handler) {
        precondition(method != .other, "a route needs a method that can be routed")
        precondition(pattern.first == "/", "\(pattern) does not begin with a slash")
        self.method = method
        self.pattern = pattern
        self.handler = handler
        segments = PatternSegment.all(of: pattern)
    }

    package init(
        _ method: Method, _ pattern: String, immediate: @escaping @Sendable (Request, Parameters) -> Response
    ) {
        self.init(method, pattern, handler: .immediate(immediate))
    }

    package init(
        _ method: Method, _ pattern: String, deferred: @escaping @Sendable (Request, Parameters) async -> Response
    ) {
        self.init(method, pattern, handler: .deferred(deferred))
    }

    var parameterNames: [String] {
        segments.compactMap(\.parameterName)
    }
}

/// One segment of a route's pattern.
enum PatternSegment: Hashable, Sendable {
    case literal(String)
    /// The suffix is empty for a plain `:name`.
    case parameter(name: String, suffix: String)
    case rest(name: String)

    var parameterName: String? {
        switch self {
        case .literal: nil
        case .parameter(let name, _), .rest(let name): name
        }
    }

    private var isRest: Bool {
        if case .rest = self { true } else { false }
    }

    static func all(of pattern: String) -> [PatternSegment] {
        let segments = pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        let all = segments.map { segment -> PatternSegment in
            guard segment.first == ":" || segment.first == "*" else { return .literal(String(segment)) }
            let name = segment.dropFirst().prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            precondition(name.isEmpty == false, "\(pattern) has a parameter without a name")
            if segment.first == "*" { return .rest(name: String(name)) }
            return .parameter(name: String(name), suffix: String(segment.dropFirst(name.count + 1)))
        }
        let names = all.compactMap(\.parameterName)
        precondition(Set(names).count == names.count, "\(pattern) names a parameter twice")
        precondition(!all.dropLast().contains { $0.isRest }, "\(pattern) goes on behind all that is left")
        return all
    }
}
