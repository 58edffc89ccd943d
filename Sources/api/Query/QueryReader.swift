import HTTPServer
import Model

/// Reads the parameters of an address and reports everything that is wrong with them. Nothing is guessed away.
struct QueryReader {
    private(set) var faults: [Problem.Fault] = []
    private var values: [String: [String]] = [:]

    /// - Parameters:
    ///   - scalars: may be given once.
    ///   - lists: may be given several times.
    init(_ items: [QueryItem], scalars: Set<String>, lists: Set<String> = []) {
        for item in items {
            if !scalars.contains(item.name), !lists.contains(item.name) {
                refuse(item.name, "unknown_parameter", "is not a parameter of this route")
            } else if values[item.name] != nil, scalars.contains(item.name) {
                refuse(item.name, "repeated", "may be given once")
            } else {
                values[item.name, default: []].append(item.value)
            }
        }
    }

    /// Says once that a parameter is wrong in this way.
    mutating func refuse(_ name: String, _ code: String, _ message: String) {
        let fault = Problem.Fault(place: .parameter(name), code: code, message: message)
        if !faults.contains(where: { $0.place == fault.place && $0.code == code }) { faults.append(fault) }
    }

    func text(_ name: String) -> String? { values[name]?.first }

    /// Names of things that may or may not exist: any text of 1 to 200 bytes.
    mutating func texts(_ name: String) -> [String] {
        let all = values[name] ?? []
        guard all.count <= 50 else {
            refuse(name, "too_many", "may be given 50 times")
            return []
        }
        if all.contains(where: { !(1...200).contains($0.utf8.count) }) {
            refuse(name, "out_of_range", "must have 1 to 200 bytes")
        }
        return Self.inOrder(all)
    }

    /// Members of a closed list.
    mutating func cases<Value: RawRepresentable & CaseIterable & Hashable>(
        _ name: String, _ type: Value.Type = Value.self
    ) -> [Value] where Value.RawValue == String {
        var found: [Value] = []
        for text in Self.inOrder(values[name] ?? []) {
            if let value = Value(rawValue: text) {
                found.append(value)
            } else {
                let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                refuse(name, "unknown_value", "must be one of \(known)")
            }
        }
        return found
    }

    mutating func whole(_ name: String, in range: ClosedRange<Int64>) -> Int64? {
        guard let text = text(name) else { return nil }
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
        if isPlain, let value = Int64(text), range.contains(value) { return value }
        refuse(name, "out_of_range", "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        return nil
    }

    /// A moment, or a day, which stands for its beginning in UTC.
    mutating func moment(_ name: String) -> Timestamp? {
        guard let text = text(name) else { return nil }
        if let moment = Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z") { return moment }
        refuse(name, "not_a_time", "must be an RFC 3339 time such as 2026-05-04T08:00:00Z, or a day")
        return nil
    }

    /// The same list whatever the order in which it was given.
    private static func inOrder(_ texts: [String]) -> [String] {
        Set(texts).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
