import Deployment
import Model

/// What a refresh found out about one curated model.
enum CuratedOutcome: Equatable, Sendable {
    case ready(CuratedFigures)
    /// Why its figures could not be had, as `Request failed with status 404`.
    case error(String)
}

/// The figures of a listing that v3 shows.
///
/// Its clients expect numbers, so an unknown counter is 0 there. They read numbers as doubles, so a counter ends at
/// the largest whole number that a double tells from its neighbours (2^53 − 1).
struct CuratedFigures: Equatable, Sendable {
    let downloads: Int64
    let likes: Int64
    let lastModified: Timestamp?

    init(downloads: Int64?, likes: Int64?, lastModified: Timestamp?) {
        self.downloads = Self.shown(downloads)
        self.likes = Self.shown(likes)
        self.lastModified = lastModified
    }

    private static func shown(_ counter: Int64?) -> Int64 {
        min(max(counter ?? 0, 0), (1 << 53) - 1)
    }
}

/// One model of the v3 snapshot, before its scores.
struct V3Model: Equatable, Sendable {
    let source: CuratedSource
    let outcome: CuratedOutcome
    /// Whole days since the last change of a ready model, if the upstream said when that was.
    let recencyDays: Int64?

    init(source: CuratedSource, outcome: CuratedOutcome, updatedAt: Timestamp) {
        self.source = source
        self.outcome = outcome
        if case .ready(let figures) = outcome, let modified = figures.lastModified {
            recencyDays = Self.days(from: modified, to: updatedAt)
        } else {
            recencyDays = nil
        }
    }

    /// The figures of a ready model.
    var figures: CuratedFigures? {
        if case .ready(let figures) = outcome { figures } else { nil }
    }

    /// Whole days as `Math.round` gives them: half a day counts up. Never below 0.
    static func days(from start: Timestamp, to end: Timestamp) -> Int64 {
        let elapsed = end.milliseconds - start.milliseconds
        return elapsed <= 0 ? 0 : (elapsed + 43_200_000) / 86_400_000
    }

    /// The display name in lower case, each run of anything but `a-z0-9` as one `-`, none at the ends.
    static func slug(_ displayName: String) -> String {
        let words = displayName.lowercased().utf8.split { byte in
            !(UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                && !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        return words.map { String(Substring($0)) }.joined(separator: "-")
    }
}
