/// Which rows of a list one page shows. A number beyond the last page means the last page.
struct PageIndex: Equatable, Sendable {
    static let usualSize = 25

    let number: Int
    let size: Int
    let total: Int

    init(requested: Int, total: Int, size: Int = Self.usualSize) {
        precondition(size >= 1 && total >= 0)
        self.size = size
        self.total = total
        number = min(max(requested, 1), max(1, (total + size - 1) / size))
    }

    var count: Int { max(1, (total + size - 1) / size) }
    /// Zero-based positions of the rows on this page.
    var rows: Range<Int> { min((number - 1) * size, total)..<min(number * size, total) }
    var previous: Int? { number > 1 ? number - 1 : nil }
    var next: Int? { number < count ? number + 1 : nil }
}
