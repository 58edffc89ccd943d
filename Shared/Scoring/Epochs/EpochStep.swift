import Glibc

/// What one snapshot's `downloads` counters did since the snapshot before it in the same feed.
///
/// The **cohort** is every model that both snapshots report a count for, where at least one of the two is
/// above 0. Each of its models has the log-return `ln((later + 1) / (earlier + 1))`: the 1 lets a count
/// come from 0 or fall to it, and is negligible for any count that matters. Median and MAD (the median
/// absolute deviation from that median, not scaled) are over the whole cohort, unchanged models included.
package struct EpochStep: Equatable, Sendable {
    /// Models that were compared.
    package let cohort: Int
    /// Models whose counter differs.
    package let changed: Int
    /// Median log-return; 0 for an empty cohort.
    package let median: Double
    /// Median absolute deviation of the log-returns; 0 for an empty cohort.
    package let deviation: Double

    /// 0…1; 0 for an empty cohort.
    package var changedShare: Double {
        cohort == 0 ? 0 : Double(changed) / Double(cohort)
    }

    /// The median as a relative change: 0.02 is two per cent more downloads.
    package var medianChange: Double { expm1(median) }
}

extension EpochStep {
    /// Whether the step shows a refresh of the upstream's counters, and whether to believe it.
    package enum Verdict: Equatable, Sendable {
        /// Too little changed: the counters still show the same refresh.
        case none
        case settled
        case suspect(Doubt)
    }

    /// Why a refresh is not to be believed. The first that applies is named.
    package enum Doubt: String, Equatable, Sendable, CaseIterable {
        /// From 10 % up to half of the cohort changed: the refresh was seen half done.
        case partial
        /// The median deviation is 0: at least half of the cohort moved by the same factor.
        case noSpread = "no_spread"
        /// The cohort's median moved by more than 3 %: a refresh was missed or counted twice.
        case implausibleMedian = "implausible_median"
    }

    /// A refresh changes more than half of the cohort; shares are compared as whole numbers, so that the
    /// borders are exact. Exactly 10 % and exactly half are partial.
    package var verdict: Verdict {
        guard cohort > 0, changed * 10 >= cohort else { return .none }
        guard changed * 2 > cohort else { return .suspect(.partial) }
        guard deviation > 0 else { return .suspect(.noSpread) }
        guard abs(medianChange) <= 0.03 else { return .suspect(.implausibleMedian) }
        return .settled
    }
}
