/// One counter of one snapshot: a value for each model, in ascending order of the model's key.
///
/// Counters of the same snapshot share one array of keys. A negative value stands for a counter that the
/// upstream did not report, which keeps a row at twelve bytes where an optional would need twenty.
package struct CounterColumn: Sendable {
    package static let unknown: Int64 = .min

    package let keys: [UInt32]
    package let values: [Int64]

    /// Keys must ascend without repeats: every join below depends on it.
    package init(keys: [UInt32], values: [Int64]) {
        precondition(keys.count == values.count, "a column has one value for each key")
        precondition(keys.isStrictlyAscending, "keys of a column ascend and do not repeat")
        self.keys = keys
        self.values = values
    }

    package static let empty = CounterColumn(keys: [], values: [])
}

extension [UInt32] {
    var isStrictlyAscending: Bool {
        let keys = span
        var index = 1
        while index < keys.count {
            if keys[index - 1] >= keys[index] { return false }
            index += 1
        }
        return true
    }
}
