/// How amounts of money are written on pages. They are kept as whole billionths of a US dollar.
enum MoneyText {
    /// $12.4K · $1,104.20 · $0.64 · $0.042 (three decimals below ten cents) · <$0.001. Rounds half away from zero.
    static func usd(_ nano: Int64) -> String {
        let sign = nano < 0 ? "\u{2212}" : ""
        let size = nano.magnitude
        if size >= 10_000 * dollar { return sign + "$" + Figures.short(Int64(clamping: (size + dollar / 2) / dollar)) }
        if size >= dollar / 10 || size == 0 {
            let cents = (size + dollar / 200) / (dollar / 100)
            let fraction = cents % 100
            return sign + "$" + Figures.exact(Int64(cents / 100)) + "." + (fraction < 10 ? "0" : "") + "\(fraction)"
        }
        let mills = (size + dollar / 2_000) / (dollar / 1_000)
        guard mills > 0 else { return sign + "<$0.001" }
        guard mills < 100 else { return sign + "$0.10" }
        return sign + "$0.0" + (mills < 10 ? "0" : "") + "\(mills)"
    }

    /// Every digit that is not a trailing zero, with cents at least: $0.042300001.
    static func exactUSD(_ nano: Int64) -> String {
        "\(nano < 0 ? "\u{2212}" : "")$" + decimal(nano.magnitude, places: 2)
    }

    /// A decimal number for files: 0.0423.
    static func decimal(_ nano: Int64) -> String { (nano < 0 ? "-" : "") + decimal(nano.magnitude, places: 1) }

    private static let dollar: UInt64 = 1_000_000_000

    private static func decimal(_ size: UInt64, places least: Int) -> String {
        var fraction = String(dollar + size % dollar).dropFirst()
        while fraction.count > least, fraction.hasSuffix("0") { fraction.removeLast() }
        return "\(size / dollar).\(fraction)"
    }
}
