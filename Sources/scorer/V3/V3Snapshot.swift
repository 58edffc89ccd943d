import Deployment
import Model

/// The v3 snapshot as values: the curated models with their scores, best first.
struct V3Snapshot: Equatable, Sendable {
    /// A model and what it scored in this snapshot.
    struct Entry: Equatable, Sendable {
        let model: V3Model
        let scores: V3Scores
    }

    let updatedAt: Timestamp
    /// By total as it is shown, highest first; equal totals keep the order of the curated list.
    let entries: [Entry]
    let downloadRange: V3Range
    let likeRange: V3Range
    /// Over the ready models whose last change is known.
    let recencyRange: V3Range

    var sourceCount: Int { entries.count }
    var readyCount: Int { entries.count { $0.model.figures != nil } }

    /// `curated` is in list order.
    init(updatedAt: Timestamp, curated: [(source: CuratedSource, outcome: CuratedOutcome)]) {
        let models = curated.map { V3Model(source: $0.source, outcome: $0.outcome, updatedAt: updatedAt) }
        let downloads = V3Range(of: models.compactMap { $0.figures?.downloads })
        let likes = V3Range(of: models.compactMap { $0.figures?.likes })
        let recency = V3Range(of: models.compactMap(\.recencyDays))
        let entries = models.map { model in
            guard let figures = model.figures else { return Entry(model: model, scores: .zero) }
            let freshness = model.recencyDays.map { 100 * (1 - recency.scale($0)) }
            let scores = V3Scores(
                adoption: 100 * downloads.scale(figures.downloads), ecosystem: 100 * likes.scale(figures.likes),
                velocity: freshness ?? 50)
            return Entry(model: model, scores: scores)
        }
        self.updatedAt = updatedAt
        // The position breaks ties: the standard library does not promise a stable sort.
        self.entries = entries.enumerated()
            .sorted { left, right in
                left.element.scores.total == right.element.scores.total
                    ? left.offset < right.offset : left.element.scores.total > right.element.scores.total
            }
            .map(\.element)
        downloadRange = downloads
        likeRange = likes
        recencyRange = recency
    }
}
