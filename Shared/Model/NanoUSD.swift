/// Money as whole nano-dollars, and as people and JSON write it.
package enum NanoUSD {
    /// Dollars with as many of nine decimals as are needed, never with an exponent: `12`, `0.003`, `-1.5`. It is also a
    /// JSON number.
    package static func dollars(_ nano: Int64) -> String {
        let (whole, rest) = nano.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        let sign = nano < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        var decimals = Int(rest).padded(9)
        while decimals.hasSuffix("0") { decimals.removeLast() }
        return "\(sign)\(whole).\(decimals)"
    }

    /// To the nearest whole nano-dollar, half to even; `nil` for what does not fit.
    package static func rounded(_ nano: Double) -> Int64? {
        Int64(exactly: nano.rounded(.toNearestOrEven))
    }
}
