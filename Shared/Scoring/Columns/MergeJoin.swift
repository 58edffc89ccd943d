/// Calls `body` with the positions of each key that both columns hold, in ascending order of the key.
///
/// One pass over both sides, whatever their overlap. The body is inlined, so a join costs a few
/// nanoseconds a row.
@inline(__always)
func forEachShared(_ left: [UInt32], _ right: [UInt32], _ body: (_ left: Int, _ right: Int) -> Void) {
    let leftKeys = left.span
    let rightKeys = right.span
    var leftIndex = 0
    var rightIndex = 0
    while leftIndex < leftKeys.count, rightIndex < rightKeys.count {
        let leftKey = leftKeys[leftIndex]
        let rightKey = rightKeys[rightIndex]
        if leftKey == rightKey {
            body(leftIndex, rightIndex)
            leftIndex += 1
            rightIndex += 1
        } else if leftKey < rightKey {
            leftIndex += 1
        } else {
            rightIndex += 1
        }
    }
}

/// A place in a column that only moves forward: the other half of a merge join whose driver asks in
/// ascending order of keys.
struct ColumnCursor {
    private let column: CounterColumn
    private var index = 0

    init(_ column: CounterColumn) {
        self.column = column
    }

    /// The counter of `key`, or `nil` where the column has no such row or the counter is unknown there.
    @inline(__always)
    mutating func value(at key: UInt32) -> Int64? {
        while index < column.keys.count, column.keys[index] < key { index += 1 }
        guard index < column.keys.count, column.keys[index] == key else { return nil }
        let value = column.values[index]
        return value < 0 ? nil : value
    }
}
