import Model

/// The span of one figure over the ready models of a v3 snapshot. Never empty, so that scaling is always defined.
struct V3Range: Equatable, Sendable {
    let min: Int64
    let max: Int64

    /// None gives 0…1; a single value is widened by one on both sides, but not below 0 when it is 0.
    init(of values: [Int64]) {
        guard let least = values.min(), let greatest = values.max() else {
            min = 0
            max = 1
            return
        }
        if least == greatest {
            min = least == 0 ? 0 : least - 1
            max = greatest + 1
        } else {
            min = least
            max = greatest
        }
    }

    /// Where `value` lies in the span, 0…1.
    func scale(_ value: Int64) -> Double {
        let clamped = Swift.min(Swift.max(value, min), max)
        return (Double(clamped) - Double(min)) / (Double(max) - Double(min))
    }
}

/// The scores of v3: relative to the other models of the same snapshot, unlike those of v4.
struct V3Scores: Equatable, Sendable {
    let adoption: Tenths
    let ecosystem: Tenths
    let velocity: Tenths
    let total: Tenths

    static let zero = V3Scores(adoption: 0, ecosystem: 0, velocity: 0)

    /// From unrounded parts: the total is computed before any of the four is rounded.
    init(adoption: Double, ecosystem: Double, velocity: Double) {
        let sum = 0.45 * adoption + 0.35 * ecosystem + 0.2 * velocity
        self.adoption = Self.rounded(adoption)
        self.ecosystem = Self.rounded(ecosystem)
        self.velocity = Self.rounded(velocity)
        total = Self.rounded(sum)
    }

    /// `Math.round(value * 10)`: to the nearest whole number, half of one up (ECMA-262, 21.3.2.28).
    static func rounded(_ value: Double) -> Tenths {
        let tenfold = value * 10
        let below = tenfold.rounded(.down)
        return Tenths(Int32(tenfold - below >= 0.5 ? below + 1 : below))
    }
}
