import Model
import SQLite
import Store

/// Walks over the whole Hub: every page of one listing, as a feed of its own, spread over part of a day.
///
/// A walk holds the figures of one epoch: it begins when the hourly refreshes have seen the counters move, and one
/// that they overtake is thrown away with its cursor. The order is that of creation, which never changes for a model,
/// so nothing moves under the cursor.
struct Sweep: Equatable, Sendable {
    static let feed = "whole-hub"
    /// More pages than the Hub has, several times over.
    static let mostPages = 20_000
    /// What the Hub had when this was written: 2.5 million models, a thousand a page.
    private static let usualPages = 2_500
    /// After a walk that failed, as long a pause.
    private static let pause = Duration.hours(1)
    /// Where no epoch is seen, one walk a day.
    private static let day = Duration.hours(24)
    /// Behind everything that somebody waits for.
    static let priority = 5

    /// How long one walk is spread over.
    let length: Duration

    /// The walk before, if there was one.
    struct Last: Equatable, Sendable {
        let startedAt: Timestamp
        let isFailed: Bool
    }

    /// Why no walk begins now; `nil` where one does.
    func reasonToWait(last: Last?, epoch: Timestamp?, now: Timestamp) -> String? {
        guard let last else { return nil }
        if last.isFailed {
            return now - last.startedAt >= Self.pause ? nil : "the last walk failed less than an hour ago"
        }
        if let epoch, epoch > last.startedAt { return nil }
        if now - last.startedAt >= Self.day + .hours(2) { return nil }
        return "the counters have not moved since the last walk"
    }

    /// The pause between two pages.
    /// - Parameter pages: how many the last walk took.
    func pace(pages: Int?) -> Duration {
        .milliseconds(length.milliseconds / Int64(max(1, pages ?? Self.usualPages)))
    }

    /// A walk that is not through by then has been forgotten by its pages.
    var longest: Duration { length + .hours(8) }
}
