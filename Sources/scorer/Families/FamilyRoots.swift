import Model

/// The root of each model's family: where its parents lead.
enum FamilyRoots {
    /// - Parameter parents: every model that has a parent, with it. A parent may be in no listing.
    /// - Returns: the root of each of them; a circle's is its bytewise smallest id, whichever of it comes first.
    static func find(_ parents: [ModelID: ModelID]) -> [ModelID: ModelID] {
        var roots = [ModelID: ModelID](minimumCapacity: parents.count)
        for (start, parent) in parents where roots[start] == nil {
            // Most parents are roots themselves.
            if parents[parent] == nil {
                roots[start] = parent
                continue
            }
            var path: [ModelID] = []
            var places: [ModelID: Int] = [:]
            var current = start
            while roots[current] == nil, places[current] == nil, let parent = parents[current] {
                places[current] = path.count
                path.append(current)
                current = parent
            }
            let circle = places[current].map { path[$0...].min() ?? current }
            let root = circle ?? roots[current] ?? current
            for model in path { roots[model] = root }
        }
        return roots
    }
}
