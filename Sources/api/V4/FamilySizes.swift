import Model

/// How many models each family of a snapshot has.
enum FamilySizes {
    /// A root counts even where it has no listing of its own.
    static func count(_ standings: [Standing]) -> [ModelID: Int] {
        var sizes: [ModelID: Int] = [:]
        var listedRoots: Set<ModelID> = []
        for standing in standings {
            sizes[standing.family.root, default: 0] += 1
            if standing.family.root == standing.listing.id { listedRoots.insert(standing.listing.id) }
        }
        for root in sizes.keys where !listedRoots.contains(root) { sizes[root, default: 0] += 1 }
        return sizes
    }
}
