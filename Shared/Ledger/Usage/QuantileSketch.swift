/// A mergeable histogram of non-negative whole numbers that gives any quantile to within 1 % of the value.
///
/// It is DDSketch (Masson, Rim, Lee: "DDSketch: A Fast and Fully-Mergeable Quantile Sketch with Relative-Error
/// Guarantees", PVLDB 12(12), 2019) without collapsing: bin *i* counts the values between γ^(i-1) and γ^i, where
/// γ = (1 + α) / (1 - α). Counts are whole numbers and may be taken away again, so a sketch that sessions were added to
/// and removed from equals the one made of those that are left.
package struct QuantileSketch: Equatable, Sendable {
    /// α: how far a quantile may be from the true one, as a part of it.
    package static let relativeError = 0.01

    /// By rising bin; no count is 0.
    private var bins: [(bin: Int, count: Int64)] = []
    package private(set) var count: Int64 = 0

    package init() {}

    package static func == (left: QuantileSketch, right: QuantileSketch) -> Bool {
        left.count == right.count && left.bins.elementsEqual(right.bins, by: ==)
    }

    package mutating func add(_ value: Int64, times: Int64 = 1) {
        merge([(Self.bin(of: value), times)], sign: 1)
    }

    package static func += (left: inout QuantileSketch, right: QuantileSketch) { left.merge(right.bins, sign: 1) }
    package static func -= (left: inout QuantileSketch, right: QuantileSketch) { left.merge(right.bins, sign: -1) }

    /// Both are by rising bin, so one pass over the two is enough.
    private mutating func merge(_ others: [(bin: Int, count: Int64)], sign: Int64) {
        var merged: [(bin: Int, count: Int64)] = []
        merged.reserveCapacity(bins.count + others.count)
        var place = 0
        for other in others {
            while place < bins.count, bins[place].bin < other.bin {
                merged.append(bins[place])
                place += 1
            }
            var sum = other.count &* sign
            if place < bins.count, bins[place].bin == other.bin {
                sum &+= bins[place].count
                place += 1
            }
            if sum != 0 { merged.append((other.bin, sum)) }
            count &+= other.count &* sign
        }
        merged += bins[place...]
        bins = merged
    }

    /// The value that a part of the values are below, between its two neighbours in proportion; `nil` of nothing.
    package func quantile(_ part: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = part * Double(count - 1)
        let below = rank.rounded(.down)
        let low = value(atRank: Int64(below))
        let high = rank == below ? low : value(atRank: Int64(below) + 1)
        return low + (high - low) * (rank - below)
    }

    private func value(atRank rank: Int64) -> Double {
        var passed: Int64 = 0
        for (bin, count) in bins {
            passed &+= count
            if passed > rank { return Self.middle(of: bin) }
        }
        return bins.last.map { Self.middle(of: $0.bin) } ?? 0
    }
}

/// The bins. Their edges come from repeated multiplication, which IEEE 754 rounds in the same way everywhere: a value
/// must fall into the bin that it was counted in when it is taken away again.
extension QuantileSketch {
    private static let gamma = (1 + relativeError) / (1 - relativeError)

    /// `edges[i]` is γ^i, up to beyond 2^63.
    private static let edges: [Double] = {
        var edges = [1.0]
        while let last = edges.last, last < 0x1p63 { edges.append(last * gamma) }
        return edges
    }()

    /// Bin 0 is the value 0, bin 1 the value 1, bin *i* + 1 what is above γ^(i-1), up to γ^i.
    private static func bin(of value: Int64) -> Int {
        guard value > 1 else { return value < 1 ? 0 : 1 }
        let wanted = Double(value)
        var low = 0
        var high = edges.count - 1
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] < wanted { low = middle + 1 } else { high = middle }
        }
        return low + 1
    }

    /// What is at most α away from every value of the bin.
    private static func middle(of bin: Int) -> Double {
        guard bin > 1, bin - 1 < edges.count else { return bin < 1 ? 0 : 1 }
        return edges[bin - 1] * 2 / (gamma + 1)
    }
}

/// As bytes: for each bin the distance from the one before and the count, as LEB128 (the count in zigzag form).
extension QuantileSketch {
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var last = 0
        for (bin, count) in bins {
            Self.append(UInt64(bin - last), to: &bytes)
            Self.append(UInt64(bitPattern: (count &<< 1) ^ (count >> 63)), to: &bytes)
            last = bin
        }
        return bytes
    }

    /// What is no sketch is read up to where it is one.
    package init(bytes: [UInt8]) {
        var place = 0
        var bin = 0
        while let step = Self.read(bytes, &place), let zigzag = Self.read(bytes, &place) {
            bin &+= Int(truncatingIfNeeded: step)
            let amount = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
            bins.append((bin, amount))
            count &+= amount
        }
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    private static func read(_ bytes: [UInt8], _ place: inout Int) -> UInt64? {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while place < bytes.count, shift < 64 {
            let byte = bytes[place]
            place += 1
            number |= UInt64(byte & 0x7F) &<< shift
            if byte < 0x80 { return number }
            shift += 7
        }
        return nil
    }
}

/// Quantiles of values that are all at hand: the same interpolation between neighbours, and exact.
package enum ExactQuantile {
    /// - Parameter values: by rising value.
    package static func of(_ values: [Int64], _ part: Double) -> Double? {
        guard !values.isEmpty else { return nil }
        let rank = part * Double(values.count - 1)
        let below = Int(rank.rounded(.down))
        let low = Double(values[below])
        let high = Double(values[min(below + 1, values.count - 1)])
        return low + (high - low) * (rank - Double(below))
    }
}
