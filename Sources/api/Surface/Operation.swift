import HTTPServer

/// One route of v4 as a value: what it takes, what it gives, and the code behind it. The router and `openapi.json` are
/// both made of these, so neither can have what the other has not.
struct Operation: Sendable {
    typealias Handle = @Sendable (Request, Parameters) async -> Response

    /// A good answer: its status, its media types, and the schema of what is JSON.
    struct Answer: Equatable, Sendable {
        var status = 200
        var types = ["application/json"]
        var schema: String?
    }

    let method: Method
    /// As the router reads it: `/api/v4/models/:owner/:name`.
    let path: String
    let name: String
    let summary: String
    let answer: Answer
    /// `nil` for a route that another table serves, and that is described here alone.
    let handle: Handle?
    var query: [QueryParameter] = []
    var headers: [HeaderParameter] = []
    /// The schema of the JSON body that it takes.
    var body: String?
    var bodyTypes = ["application/json"]
    var isBodyOptional = false
    /// The scope that a token needs; `nil` for reads that are open.
    var scope: String?
    /// Whether its caller proves itself in a way of its own, so that no token is asked for.
    var hasOwnProof = false
    /// What else it may answer, beside what every route may.
    var problems: [Problem.Code] = []
    /// Routes with bodies of their own: the schema of each answer that is not a good one, `nil` for text.
    var errors: [Int: String?]?
    /// Which part of a plan it belongs to, if not every plan has it.
    var feature: PlanFeature?
    /// The one media type that a request will get; without it all of the answer's.
    var selectedType: (@Sendable (Request) -> String)?
    /// Since when it should not be used, and when it will be gone.
    var deprecation: Deprecation?

    init(
        _ method: Method, _ path: String, _ name: String, _ summary: String, gives answer: Answer,
        _ handle: @escaping Handle
    ) {
        self.method = method
        self.path = "/api/v4" + path
        self.name = name
        self.summary = summary
        self.answer = answer
        self.handle = handle
    }

    /// - Parameter path: whole, as the router reads it.
    init(described method: Method, _ path: String, _ name: String, _ summary: String, gives answer: Answer) {
        self.method = method
        self.path = path
        self.name = name
        self.summary = summary
        self.answer = answer
        handle = nil
    }

    /// The same, changed.
    func with(_ change: (inout Operation) -> Void) -> Operation {
        var operation = self
        change(&operation)
        return operation
    }

    /// As OpenAPI writes it: `/api/v4/models/{owner}/{name}`.
    var template: String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.first == ":" || segment.first == "*" else { return String(segment) }
            let name = segment.dropFirst().prefix { $0 != "." }
            return "{\(name)}" + segment.dropFirst(name.count + 1)
        }.joined(separator: "/")
    }

    /// The names in the path, in its order.
    var pathNames: [String] {
        template.split(separator: "{").dropFirst().map { String($0.prefix { $0 != "}" }) }
    }

    /// Whether a request may name itself, so that it is done once; the door sees to that.
    var takesKey: Bool { headers.contains { $0.name == IdempotencyDesk.header } }

    /// What the answer to a request may be.
    func types(for request: Request) -> [String] { selectedType.map { [$0(request)] } ?? answer.types }
}

/// One parameter of an address, as clients are told of it.
struct QueryParameter: Equatable, Sendable {
    /// What its values are.
    enum Kind: Equatable, Sendable {
        /// Any text of so many characters.
        case text(least: Int, most: Int)
        /// What an earlier answer gave.
        case cursor
        case oneOf([String])
        case whole(ClosedRange<Int64>)
        case moment
        /// A moment, or nothing.
        case momentOrNone
        /// A feed that has a snapshot, and a profile: they are the deployment's.
        case feed
        case profile
    }

    let name: String
    let kind: Kind
    let summary: String
    /// Whether it may be given several times.
    var repeats = false

    init(_ name: String, _ kind: Kind, _ summary: String, repeats: Bool = false) {
        self.name = name
        self.kind = kind
        self.summary = summary
        self.repeats = repeats
    }
}

/// One header that a route reads, as clients are told of it.
struct HeaderParameter: Equatable, Sendable {
    let name: String
    let summary: String
    let isRequired: Bool
}

/// What an answer says of a route that is on its way out: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594).
struct Deprecation: Equatable, Sendable {
    let since: Int64
    /// The route is gone from then on; seconds since 1970, as `since`.
    let sunset: Int64?
    /// Where to read what to use instead.
    let link: String

    var headers: [HeaderField] {
        var fields = [
            HeaderField("Deprecation", "@\(since)"), HeaderField("Link", "<\(link)>; rel=\"deprecation\""),
        ]
        if let sunset { fields.append(HeaderField("Sunset", HTTPDate.text(seconds: sunset))) }
        return fields
    }
}
