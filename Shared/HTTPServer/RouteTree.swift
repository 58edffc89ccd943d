/// The routes of a router as a tree of path segments.
///
/// At each segment a literal is tried before a parameter with a suffix (the longest suffix first), and that before
/// a plain parameter, and that before what takes all that is left. A branch that leads nowhere is left again, so no
/// order of declaration matters.
struct RouteTree: Sendable {
    /// A place in the tree. Children are named by their index in `nodes`.
    private struct Node {
        var literals: [String: Int] = [:]
        var suffixed: [(suffix: String, node: Int)] = []
        var parameter: Int?
        var rest: Int?
        var routes: [Route] = []
    }

    /// The routes that end at one place, with what the path put into their parameters.
    struct Candidate {
        let routes: [Route]
        let values: [String]
    }

    private var nodes = [Node()]

    init(_ routes: [Route]) {
        for route in routes {
            var place = 0
            for segment in route.segments { place = child(of: place, for: segment) }
            let isNew = nodes[place].routes.allSatisfy { $0.method != route.method }
            precondition(isNew, "\(route.method.rawValue) \(route.pattern) is routed twice")
            nodes[place].routes.append(route)
        }
    }

    private mutating func child(of place: Int, for segment: PatternSegment) -> Int {
        let node = nodes[place]
        let fresh = nodes.count
        switch segment {
        case .literal(let text):
            if let known = node.literals[text] { return known }
            nodes[place].literals[text] = fresh
        case .parameter(_, ""):
            if let known = node.parameter { return known }
            nodes[place].parameter = fresh
        case .rest:
            if let known = node.rest { return known }
            nodes[place].rest = fresh
        case .parameter(_, let suffix):
            if let known = node.suffixed.first(where: { $0.suffix == suffix }) { return known.node }
            nodes[place].suffixed.append((suffix, fresh))
            nodes[place].suffixed.sort { $0.suffix.utf8.count > $1.suffix.utf8.count }
        }
        nodes.append(Node())
        return fresh
    }

    /// Every place that the path leads to, best first, until `isEnough` says so.
    func visit(_ path: String, _ isEnough: (Candidate) -> Bool) {
        guard path.utf8.first == UInt8(ascii: "/") else { return }
        // By bytes: a combining mark behind a slash would make another character of it.
        let segments = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Substring($0) }
        _ = descend(from: 0, segments[...], values: [], isEnough)
    }

    private func descend(
        from place: Int, _ segments: ArraySlice<Substring>, values: [String], _ isEnough: (Candidate) -> Bool
    ) -> Bool {
        let node = nodes[place]
        guard let segment = segments.first else {
            return node.routes.isEmpty == false && isEnough(Candidate(routes: node.routes, values: values))
        }
        let rest = segments.dropFirst()
        if let next = node.literals[String(segment)], descend(from: next, rest, values: values, isEnough) {
            return true
        }
        if segment.isEmpty == false, parameters(of: node, segment, rest, values: values, isEnough) { return true }
        guard let last = node.rest, segments.count > 1 || segment.isEmpty == false else { return false }
        let all = segments.joined(separator: "/")
        return isEnough(Candidate(routes: nodes[last].routes, values: values + [all]))
    }

    private func parameters(
        of node: Node, _ segment: Substring, _ rest: ArraySlice<Substring>, values: [String],
        _ isEnough: (Candidate) -> Bool
    ) -> Bool {
        for (suffix, next) in node.suffixed where segment.hasSuffix(suffix) && segment != suffix {
            let value = String(segment.dropLast(suffix.count))
            if descend(from: next, rest, values: values + [value], isEnough) { return true }
        }
        guard let next = node.parameter else { return false }
        return descend(from: next, rest, values: values + [String(segment)], isEnough)
    }
}
