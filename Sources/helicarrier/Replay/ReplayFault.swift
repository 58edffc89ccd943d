/// Ways in which the replayed Hub misbehaves on demand.
struct ReplayFaults: Equatable, Sendable {
    /// Every so-many-th answer is spoilt in this way.
    enum Kind: String, CaseIterable, Sendable {
        /// The quota is used up: 429 with `RateLimit` r=0.
        case quota = "429"
        /// The edge cache refuses: 429 without quota headers.
        case edge = "429-edge"
        case internalError = "500"
        /// With `Retry-After: 1`.
        case unavailable = "503"
        /// The body ends in the middle.
        case truncate
        /// Some rows have values of the wrong type.
        case wrongTypes = "wrong-types"
        /// The next page begins with rows that this one has.
        case duplicate
    }

    private(set) var every: [Kind: Int] = [:]
    /// The next page is said to be on another host.
    private(set) var foreignNext = false
    /// Each answer waits this long.
    private(set) var delay: Duration = .zero

    static let expectation =
        Kind.allCases.map { "\($0.rawValue):N" }.joined(separator: ", ") + ", foreign-next or slow:MS"

    init(_ words: [String]) throws(UsageError) {
        for word in words {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if parts == ["foreign-next"] {
                foreignNext = true
                continue
            }
            guard parts.count == 2, let number = Int(parts[1]), (1...1_000_000).contains(number) else {
                throw UsageError("--fault expects \(Self.expectation); '\(word)' is none")
            }
            if parts[0] == "slow", number <= 60_000 {
                delay = .milliseconds(number)
            } else if let kind = Kind(rawValue: parts[0]) {
                every[kind] = number
            } else {
                throw UsageError("--fault expects \(Self.expectation); '\(word)' is none")
            }
        }
    }

    /// What is wrong with the answer of that number, from 1.
    func kinds(at answer: Int) -> Set<Kind> {
        Set(every.filter { answer % $0.value == 0 }.keys)
    }
}

/// The quota of a fixed window, as the Hub keeps it.
struct FixedWindow: Equatable, Sendable {
    let quota: Int
    /// In seconds.
    let length: Int
    private var endsAt: Int64 = 0
    private var used = 0

    init(quota: Int, length: Int) {
        precondition(quota >= 1 && length >= 1)
        self.quota = quota
        self.length = length
    }

    /// What the headers of an answer say.
    struct Reading: Equatable, Sendable {
        let isAllowed: Bool
        let remaining: Int
        let secondsLeft: Int
    }

    /// Counts one call. A refused one costs nothing.
    mutating func take(at milliseconds: Int64) -> Reading {
        if milliseconds >= endsAt {
            endsAt = milliseconds + Int64(length) * 1_000
            used = 0
        }
        let secondsLeft = Int((endsAt - milliseconds + 999) / 1_000)
        guard used < quota else { return Reading(isAllowed: false, remaining: 0, secondsLeft: secondsLeft) }
        used += 1
        return Reading(isAllowed: true, remaining: quota - used, secondsLeft: secondsLeft)
    }
}
