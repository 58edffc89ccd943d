import Daemon

/// What the database keeps, and what it keeps in reserve.
///
/// `HELICARRIER_KEEP_JOBS` (a length of time, default `7d`), `HELICARRIER_BALLAST` (a size, default `16M`; `off`).
package struct Retention: Equatable, Sendable {
    /// How long jobs are kept that are done or cancelled.
    package let ended: Duration
    /// Size of the ballast file in bytes; 0 means none.
    package let ballast: Int64

    package init(ended: Duration = .seconds(7 * 86_400), ballast: Int64 = 16 << 20) {
        self.ended = ended
        self.ballast = ballast
    }

    init(_ environment: Environment) throws(SettingError) {
        let kept: Period = try environment.value("HELICARRIER_KEEP_JOBS", default: Period(.seconds(7 * 86_400)))
        let ballast: BallastSize = try environment.value("HELICARRIER_BALLAST", default: BallastSize(bytes: 16 << 20))
        self.init(ended: kept.duration, ballast: ballast.bytes)
    }
}

/// `HELICARRIER_BALLAST`: a size such as `512K`, `16M` or `1G`, or `off`.
private struct BallastSize: Setting {
    static let expectation = "a size such as 512K, 16M or 1G, or off"
    let bytes: Int64

    init(bytes: Int64) {
        self.bytes = bytes
    }

    init?(setting text: String) {
        guard text != "off" else {
            bytes = 0
            return
        }
        let shifts: [Character: Int64] = ["K": 10, "M": 20, "G": 30]
        guard let shift = text.last.flatMap({ shifts[$0] }), let count = Int64(text.dropLast()), count > 0,
            count <= 1_000
        else { return nil }
        bytes = count << shift
    }
}
