import Deployment
import Model

/// Everything that the leaderboard page shows, as plain values. Same view, same bytes.
struct LeaderboardView: Sendable {
    /// One line of the table.
    struct Row: Sendable {
        var standing: Standing
        /// 30-day downloads over the kept history, oldest first; `nil` is a gap.
        var trend: [Int64?]
        /// Where the name leads: an address of this site (`/…`) or `https://…`. Anything else is not linked.
        var link: String?

        init(standing: Standing, trend: [Int64?], link: String? = nil) {
            self.standing = standing
            self.trend = trend
            self.link = link
        }
    }

    /// A model that gained or lost the most downloads.
    struct Mover: Sendable {
        var id: ModelID
        var change: Int64
        var downloads: Int64?
        var link: String?

        init(id: ModelID, change: Int64, downloads: Int64?, link: String? = nil) {
            self.id = id
            self.change = change
            self.downloads = downloads
            self.link = link
        }
    }

    /// The key figures above the table, over the whole feed.
    struct Highlights: Sendable {
        var rise: Mover?
        var fall: Mover?
        /// Models first seen after the 24 h baseline; `nil` where there is no baseline.
        var newModels: Int?

        init(rise: Mover? = nil, fall: Mover? = nil, newModels: Int? = nil) {
            self.rise = rise
            self.fall = fall
            self.newModels = newModels
        }
    }

    /// What to leave out where nothing fits, and what that gives.
    struct WayOut: Equatable, Sendable {
        let label: String
        let count: Int
        let path: String
    }

    var snapshot: Snapshot
    var epoch: Epoch?
    var baselines: DeltaBaselines
    var highlights: Highlights
    /// The rows of this page only, in the order to show.
    var rows: [Row]
    var page: PageIndex
    /// Models of the feed, whatever is selected.
    var feedTotal: Int
    var families: Int
    /// Models with an anomaly in the newest epoch.
    var standingOut: Int
    /// What was asked for; links are made from it.
    var address: LeaderboardAddress
    /// All feeds, the shown one included; a selector appears when there are several.
    var feeds: [String]
    /// From the oldest kept snapshot to the newest.
    var historySpan: Duration
    var theme: Theme
    var now: Timestamp
    var assets: AssetCatalog
    /// Off shows the page without changes against earlier days, filters and paging.
    var v4UI: Bool
    /// Where the documentation is served, if it is.
    var docsPath: String?
    var facets: FacetCounts
    /// Those to choose from, the shown one among them.
    var profiles: [ScoreProfile]
    var profile: ScoreProfile
    /// Set where nothing fits.
    var wayOut: WayOut?

    /// What the trend column spans, in whole days; 0 where it is less than one.
    var historyDays: Int64 { historySpan.milliseconds / 86_400_000 }
}
