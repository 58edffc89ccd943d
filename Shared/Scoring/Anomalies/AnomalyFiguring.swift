import Glibc
package import Model

/// Computes the figures of models' days from the columns of one range of models.
///
/// Models do not depend on each other here, apart from the cohort's median and deviation, which are computed before. So
/// a whole Hub is worked through range by range, in memory for one range.
package struct AnomalyFiguring: Sendable {
    /// A day and what all models did on it.
    package struct JudgedDay: Sendable {
        package let day: FeedDays.Day
        package let cohort: EpochStep

        package init(_ day: FeedDays.Day, cohort: EpochStep) {
            self.day = day
            self.cohort = cohort
        }
    }

    private let feed: FeedDays
    private let days: [JudgedDay]
    private let floors: (downloads: Double, likes: Double)
    /// By pair: the places of its two columns, and its length in days.
    private let places: [(earlier: Int, later: Int, days: Double)]

    /// - Parameter days: each is shown by a cohort that did not stand still.
    package init(_ feed: FeedDays, _ days: [JudgedDay], floors: (downloads: Double, likes: Double)) {
        precondition(days.allSatisfy { $0.cohort.deviation > 0 }, "a cohort without spread judges nobody")
        self.feed = feed
        self.days = days
        self.floors = floors
        places = feed.pairs.indices.map { index in
            let place = feed.columns(of: index)
            return (place.earlier, place.later, feed.pairs[index].days)
        }
    }

    /// Calls `body` with the figures of each model on each day, models ascending.
    ///
    /// - Parameters:
    ///   - models: numbers of models, ascending.
    ///   - downloads: parallel to the feed's snapshots, each over the same range.
    ///   - likes: the same.
    package func each(
        of models: [UInt32], downloads: [CounterColumn], likes: [CounterColumn],
        _ body: (_ model: UInt32, _ day: Int, _ figures: AnomalyFigures) -> Void
    ) {
        var downloadCursors = downloads.map { ColumnCursor($0) }
        var likeCursors = likes.map { ColumnCursor($0) }
        var series = Series(columns: feed.snapshots.count, pairs: places.count)
        for model in models {
            for place in downloadCursors.indices {
                series.downloads[place] = downloadCursors[place].value(at: model) ?? CounterColumn.unknown
                series.likes[place] = likeCursors[place].value(at: model) ?? CounterColumn.unknown
            }
            series.change(places)
            for (index, day) in days.enumerated() {
                body(model, index, figures(on: day, &series))
            }
        }
    }

    private func figures(on judged: JudgedDay, _ series: inout Series) -> AnomalyFigures {
        var figures = AnomalyFigures()
        let (index, history) = (judged.day.index, judged.day.history)
        let place = places[index]
        if let (now, count) = series.standing(of: \.returns, at: index, among: history, floor: floors.downloads) {
            let newest = series.returns[index]
            figures.downloadsReturn = newest
            figures.cohortZ = ModifiedZ(median: judged.cohort.median, deviation: judged.cohort.deviation).score(newest)
            figures.ownZ = now
            figures.ownReturns = count
            figures.downloadsChange = series.downloads[place.later] - series.downloads[place.earlier]
        }
        if let (now, count) = series.standing(of: \.gains, at: index, among: history, floor: floors.likes) {
            figures.likesZ = now
            figures.likeDays = count
            figures.likesGained = series.likes[place.later] - series.likes[place.earlier]
        }
        return figures
    }
}

/// One model's counters and daily changes; its arrays are used again for the next model.
private struct Series {
    /// By snapshot.
    var downloads: [Int64]
    var likes: [Int64]
    /// By pair: log-returns of downloads, and likes gained per day; NaN where one of the two counters is unknown.
    var returns: [Double]
    var gains: [Double]
    private var known: [Double] = []

    init(columns: Int, pairs: Int) {
        downloads = Array(repeating: CounterColumn.unknown, count: columns)
        likes = downloads
        returns = Array(repeating: .nan, count: pairs)
        gains = returns
        known.reserveCapacity(pairs)
    }

    mutating func change(_ places: [(earlier: Int, later: Int, days: Double)]) {
        for (index, place) in places.enumerated() {
            let (before, after) = (downloads[place.earlier], downloads[place.later])
            if before < 0 || after < 0 {
                returns[index] = .nan
            } else {
                returns[index] = before == after ? 0 : log((Double(after) + 1) / (Double(before) + 1))
            }
            let (fewer, more) = (likes[place.earlier], likes[place.later])
            gains[index] = fewer < 0 || more < 0 ? .nan : Double(more - fewer) / place.days
        }
    }

    /// Where the change at `index` stands among the known ones of `history`; `nil` if it is unknown itself. Without
    /// history its score is unknown.
    mutating func standing(
        of changes: KeyPath<Series, [Double]>, at index: Int, among history: Range<Int>, floor: Double
    ) -> (score: Double?, known: Int)? {
        let changes = self[keyPath: changes]
        guard !changes[index].isNaN else { return nil }
        known.removeAll(keepingCapacity: true)
        for earlier in history where !changes[earlier].isNaN { known.append(changes[earlier]) }
        let count = known.count
        guard count > 0 else { return (nil, 0) }
        return (ModifiedZ(reordering: &known).score(changes[index], floor: floor), count)
    }
}
