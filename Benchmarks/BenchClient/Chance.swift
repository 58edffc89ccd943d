import Glibc

/// Numbers that look random and belong to a place: the same model has the same facts in every process and at every
/// size, and no table of them is needed. The mixing is that of SplitMix64 (Steele, Lea and Flood 2014).
package struct Chance: Sendable {
    private var state: UInt64

    /// - Parameters:
    ///   - place: a model, or a model on a day.
    ///   - salt: what is drawn; draws with different salts know nothing of each other.
    package init(_ place: Int, _ salt: UInt64) {
        state = UInt64(bitPattern: Int64(place)) &* 0xD120_0000_0000_1F35 &+ salt &* 0x9E37_79B9_7F4A_7C15
        _ = next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 up to, and not, 1.
    package mutating func share() -> Double { Double(next() >> 11) / Double(1 << 53) }

    package mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    package mutating func one<Element>(of elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Nearly normal, with mean 0 and deviation 1: what the sum of four even shares gives.
    package mutating func deviation() -> Double { (share() + share() + share() + share() - 2) * 3.0.squareRoot() }

    /// A value of a distribution that is known by some of its quantiles; straight lines between them on a log scale.
    package mutating func value(of quantiles: [(share: Double, value: Double)]) -> Int64 {
        let drawn = share()
        guard let upper = quantiles.firstIndex(where: { $0.share >= drawn }), upper > 0 else {
            return Int64(quantiles.first?.value ?? 0)
        }
        let (from, to) = (quantiles[upper - 1], quantiles[upper])
        let part = (drawn - from.share) / (to.share - from.share)
        return Int64(expm1(log1p(from.value) + part * (log1p(to.value) - log1p(from.value))).rounded())
    }
}
