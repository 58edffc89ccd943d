import JSON
import Model

/// What is wrong with an envelope, collected while it is read to its end.
struct FaultList {
    private(set) var details = Set<IngestFault.Detail>()

    mutating func add(_ field: String, _ message: String) {
        details.insert(IngestFault.Detail(field, message))
    }
}

/// Reads the fields of one object and says what is wrong with each. Wrong values read as `nil`; so does `null` where a
/// field may be left out.
struct FieldReader {
    let object: JSONNode
    /// Stands before each field's name in what is said of it.
    let prefix: String

    func field(_ name: String) -> String { prefix + name }

    private func value(_ name: String) -> JSONNode? {
        object[name].flatMap { $0.isNull ? nil : $0 }
    }

    /// A text that has to be there and to say something.
    func required(_ name: String, atMost limit: Int = FieldLimit.name, _ faults: inout FaultList) -> String? {
        guard let text = object[name]?.string, text.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
        else {
            faults.add(field(name), "must be a non-empty string")
            return nil
        }
        return checked(text, field(name), atMost: limit, &faults)
    }

    /// A text that may be left out. One without a character is as good as none.
    func text(_ name: String, atMost limit: Int = FieldLimit.name, _ faults: inout FaultList) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.string else {
            faults.add(field(name), "must be a string")
            return nil
        }
        return text.isEmpty ? nil : checked(text, field(name), atMost: limit, &faults)
    }

    private func checked(_ text: String, _ field: String, atMost limit: Int, _ faults: inout FaultList) -> String? {
        // Databases and C libraries cut text there.
        let hasNull = text.utf8.contains(0)
        let isLong = text.utf8.count > limit
        if hasNull { faults.add(field, "must not contain U+0000") }
        if isLong { faults.add(field, "must have at most \(limit) bytes") }
        return hasNull || isLong ? nil : text
    }

    /// A whole number that every reader of JSON holds exactly.
    func count(_ name: String, _ faults: inout FaultList) -> Int64? {
        guard let value = value(name) else { return nil }
        // `1.0` is the same number as `1`.
        if let number = value.double.flatMap({ Int64(exactly: $0) }), (0...FieldLimit.number).contains(number) {
            return number
        }
        faults.add(field(name), "must be a whole number from 0 to \(FieldLimit.number)")
        return nil
    }

    /// US dollars as nano-USD, rounded to the even one where there are more than nine decimals.
    func money(_ name: String, _ faults: inout FaultList) -> Int64? {
        guard let value = value(name) else { return nil }
        if let dollars = value.double, (0...FieldLimit.dollars).contains(dollars) {
            return Int64((dollars * 1e9).rounded(.toNearestOrEven))
        }
        faults.add(field(name), "must be a number from 0 to \(Int(FieldLimit.dollars))")
        return nil
    }

    func flag(_ name: String, _ faults: inout FaultList) -> Bool? {
        guard let value = value(name) else { return nil }
        if let flag = value.bool { return flag }
        faults.add(field(name), "must be true or false")
        return nil
    }

    func moment(_ name: String, _ faults: inout FaultList) -> Timestamp? {
        guard let value = value(name) else { return nil }
        return moment(value, name, &faults)
    }

    /// Whether one field's moment is before another's by less than a millisecond, which is all that is kept of it.
    func isFinerBefore(_ name: String, _ other: String, _ moment: Timestamp, _ before: Timestamp) -> Bool {
        moment == before && finer(name).lexicographicallyPrecedes(finer(other))
    }

    /// The digits of a second's fraction behind the millisecond.
    private func finer(_ name: String) -> [UInt8] {
        guard let text = value(name)?.string, let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return [] }
        let digits = text.utf8[text.utf8.index(after: point)...].prefix { (48...57).contains($0) }.dropFirst(3)
        // `0.5` and `0.50` are the same.
        return digits.reversed().drop { $0 == 48 }.reversed()
    }

    /// A moment that has to be there; its absence is reported as that of any text.
    func requiredMoment(_ name: String, _ faults: inout FaultList) -> Timestamp? {
        guard required(name, &faults) != nil, let value = value(name) else { return nil }
        return moment(value, name, &faults)
    }

    private func moment(_ value: JSONNode, _ name: String, _ faults: inout FaultList) -> Timestamp? {
        if let moment = value.string.flatMap({ Timestamp(strictRFC3339: $0) }) { return moment }
        faults.add(field(name), "must be an RFC 3339 time such as 2026-05-04T08:43:19Z")
        return nil
    }
}

/// How much of each field is taken. A whole body is bounded by the server.
package enum FieldLimit {
    /// Bytes of an id or a name.
    package static let name = 512
    package static let title = 4_096
    /// Bytes of what a person or an agent wrote.
    package static let text = 256 << 10
    package static let events = 10_000
    /// The largest whole number that a double and everything after it is exact to: 2^53 - 1.
    package static let number: Int64 = 9_007_199_254_740_991
    package static let dollars = 1_000_000.0
}

extension Timestamp {
    /// RFC 3339's `date-time`, and nothing that looks like it: with `T`, a time of day and an offset. A leap second is
    /// the moment after it.
    init?(strictRFC3339 text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") else { return nil }
        if let moment = Timestamp(rfc3339: text) {
            self = moment
            return
        }
        guard bytes[17] == UInt8(ascii: "6"), bytes[18] == UInt8(ascii: "0") else { return nil }
        var before = bytes
        (before[17], before[18]) = (UInt8(ascii: "5"), UInt8(ascii: "9"))
        guard let last = Timestamp(rfc3339: String(decoding: before, as: UTF8.self)) else { return nil }
        // There is one at the end of a day in UTC only.
        let second = last.milliseconds / 1_000 * 1_000
        guard CalendarTime(last).hour == 23, CalendarTime(last).minute == 59 else { return nil }
        self.init(milliseconds: second + 1_000)
    }
}
