extension [Double] {
    /// The middle value, or the mean of the two middle ones; `nil` of nothing. Reorders the array.
    ///
    /// Quickselect with a three-way partition (Hoare 1961; Bentley and McIlroy 1993), because most returns of
    /// a quiet cohort are the same zero. The rounds are limited: data that defeats the pivot is sorted
    /// instead, so that no listing can make this quadratic. The values must not contain NaN.
    mutating func reorderingMedian() -> Double? {
        guard !isEmpty else { return nil }
        let middle = count / 2
        select(middle)
        guard count.isMultiple(of: 2) else { return self[middle] }
        var below = self[0]
        for index in 1..<Swift.max(1, middle) where self[index] > below { below = self[index] }
        return (below + self[middle]) / 2
    }

    /// Puts the value that sorting would put at `position` there, and nothing larger before it.
    private mutating func select(_ position: Int) {
        var low = 0
        var high = count
        var rounds = 4 * (Int.bitWidth - count.leadingZeroBitCount)
        while high - low > 1 {
            guard rounds > 0 else { return self[low..<high].sort() }
            rounds -= 1
            let pivot = medianOfThree(self[low], self[low + (high - low) / 2], self[high - 1])
            let equal = partition(low..<high, around: pivot)
            if position < equal.lowerBound {
                high = equal.lowerBound
            } else if position >= equal.upperBound {
                low = equal.upperBound
            } else {
                return
            }
        }
    }

    /// Orders `range` into smaller, equal and larger values; returns where the equal ones are.
    private mutating func partition(_ range: Range<Int>, around pivot: Double) -> Range<Int> {
        var smaller = range.lowerBound
        var index = range.lowerBound
        var larger = range.upperBound
        while index < larger {
            let value = self[index]
            if value < pivot {
                swapAt(smaller, index)
                smaller += 1
                index += 1
            } else if value > pivot {
                larger -= 1
                swapAt(index, larger)
            } else {
                index += 1
            }
        }
        return smaller..<larger
    }
}

private func medianOfThree(_ first: Double, _ second: Double, _ third: Double) -> Double {
    max(min(first, second), min(max(first, second), third))
}
