import Model

extension V4Operations {
    /// What every list of models takes.
    static var filters: [QueryParameter] {
        func one(_ values: [String]) -> QueryParameter.Kind { .oneOf(values) }
        func many(_ name: String, _ kind: QueryParameter.Kind, _ summary: String) -> QueryParameter {
            QueryParameter(name, kind, summary, repeats: true)
        }
        let sorts = ModelSort.Key.allCases.flatMap { [$0.rawValue, "-\($0.rawValue)"] }
        return [
            QueryParameter("feed", .feed, "The set of models; `hub` where none is named."),
            QueryParameter("profile", .profile, "Whose weights rank and total are of."),
            QueryParameter("q", .text(least: 0, most: 200), "Words that the id must hold, all of them."),
            many("capability", one(Capability.allCases.map(\.rawValue)), "All must hold."),
            many("provider", .text(least: 1, most: 200), "Any may hold."),
            many("license", .text(least: 1, most: 200), "An id or a class."),
            many("parameterClass", one(ParameterClass.allCases.map(\.rawValue)), "By total parameters."),
            many("family", .text(least: 1, most: 200), "Ids of roots."),
            many("relation", one(Relation.allCases.map(\.rawValue)), "How it was made from its parent."),
            many("library", .text(least: 1, most: 200), "Any may hold."),
            many("pipeline", .text(least: 1, most: 200), "Any may hold."),
            many("gated", one(Gated.allCases.map(\.rawValue)), "Whether the files are gated."),
            many("access", one(ModelFilter.Access.allCases.map(\.rawValue)), "Public or private."),
            many("anomaly", one(ModelFilter.AnomalyKind.allCases.map(\.rawValue)), "Which anomaly it shows."),
            many("status", one(ModelFilter.Status.allCases.map(\.rawValue)), "Whether its figures could be had."),
            QueryParameter("minDownloads", .whole(0...(1 << 53)), "At least."),
            QueryParameter("minLikes", .whole(0...(1 << 53)), "At least."),
            QueryParameter("updatedSince", .moment, "Not before."),
            QueryParameter("createdSince", .moment, "Not before."),
            QueryParameter("sort", one(sorts), "With `-` the largest first; `-score` where nothing is said."),
        ]
    }
}
