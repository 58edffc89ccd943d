/// A table for people: aligned columns, two spaces apart, a heading, no lines.
struct TextTable: Sendable {
    /// A heading and the side at which its cells stand.
    struct Column: Sendable {
        let title: String
        let isRight: Bool

        static func left(_ title: String) -> Column { Column(title: title, isRight: false) }
        static func right(_ title: String) -> Column { Column(title: title, isRight: true) }
    }

    private let columns: [Column]
    private var rows: [[String]] = []
    private var colours: [[Int: Colour]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// - Parameter colours: by the place of the cell; a missing value is `–`.
    mutating func add(_ cells: [String?], colours: [Int: Colour] = [:]) {
        precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
        rows.append(cells.map { $0.map(Printable.line) ?? "–" })
        self.colours.append(colours)
    }

    /// Each line ends with a line feed; a table without rows is its heading.
    func text(_ paint: (String, Colour) -> String = { text, _ in text }) -> String {
        let widths = columns.indices.map { index in
            ([columns[index].title] + rows.map { $0[index] }).map(\.count).max() ?? 0
        }
        let heading = line(columns.map(\.title), widths) { text, _ in paint(text, .bold) }
        let body = zip(rows, colours).map { row, colours in
            line(row, widths) { text, index in colours[index].map { paint(text, $0) } ?? text }
        }
        return ([heading] + body).map { $0 + "\n" }.joined()
    }

    private func line(_ cells: [String], _ widths: [Int], _ paint: (String, Int) -> String) -> String {
        let last = cells.count - 1
        let text = cells.indices.map { index in
            let space = String(repeating: " ", count: widths[index] - cells[index].count)
            let cell = cells[index].isEmpty ? "" : paint(cells[index], index)
            if columns[index].isRight { return space + cell }
            return index == last ? cell : cell + space
        }.joined(separator: "  ")
        return String(text.reversed().drop { $0 == " " }.reversed())
    }
}
