package import Model

/// Two adjacent epochs about a day apart, between which a day's change is taken.
///
/// Both are settled, nothing lies between them, and they are 18 to 36 h apart: exactly what a delta of 24 h is shown
/// for. So the history that a change is judged by is the series of daily changes that readers have seen, and none of
/// them is half a day or two days long.
package struct DayPair: Equatable, Sendable {
    package let earlier: Epoch
    package let later: Epoch

    /// A history longer than this is not looked at: four whole weeks, so that each weekday counts as often as another,
    /// and two days less than what is kept, so that pruning changes no verdict.
    package static let history = Duration.days(28)

    /// Every pair of a feed, oldest first.
    package static func all(of epochs: [Epoch]) -> [DayPair] {
        zip(epochs, epochs.dropFirst()).compactMap { DayPair($0, $1) }
    }

    private init?(_ earlier: Epoch, _ later: Epoch) {
        let age = later.snapshot.observedAt - earlier.snapshot.observedAt
        guard earlier.state == .settled, later.state == .settled, age >= .hours(18), age <= .hours(36) else {
            return nil
        }
        self.earlier = earlier
        self.later = later
    }

    package var at: Timestamp { later.snapshot.observedAt }

    /// How many days the pair is long: what makes changes of pairs of unlike length comparable.
    var days: Double { Double((at - earlier.snapshot.observedAt).milliseconds) / 86_400_000 }
}
