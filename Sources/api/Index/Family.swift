import Model

/// A root and everything that the snapshot shows to be made from it.
struct Family: Sendable {
    /// A sum over members, and how many of them it is a sum of: the others have no figure.
    struct Sum: Equatable, Sendable {
        var sum: Int64 = 0
        var counted = 0

        mutating func add(_ value: Int64?) {
            guard let value else { return }
            sum += value
            counted += 1
        }
    }

    let root: String
    /// Members with a listing in the snapshot, by rank; the root among them where it has one.
    let rows: [UInt32]
    let size: Int
    /// Members by how they were made; the root is none of them.
    private(set) var relations: [Relation: Int] = [:]
    private(set) var downloads = Sum()
    private(set) var downloads24h = Sum()
    private(set) var downloads7d = Sum()

    init(root: String, rows: [UInt32], size: Int, of columns: ModelColumns) {
        self.root = root
        self.rows = rows
        self.size = size
        for row in rows.map(Int.init) {
            if let relation = columns.relation[row] { relations[relation, default: 0] += 1 }
            downloads.add(columns.downloads[row])
            downloads24h.add(columns.downloads24h[row].value)
            downloads7d.add(columns.downloads7d[row].value)
        }
    }
}

/// The families of a snapshot, the largest first; equal ones go by the root's id, bytewise.
struct FamilyTable: Sendable {
    private let columns: ModelColumns
    /// Members with a listing, of each code; the root is none of them.
    private let members: ValueRows
    /// In the order of the list: the root's row, or its code above all rows.
    private let roots: [UInt32]

    var count: Int { roots.count }

    /// - Parameter idPlaces: the place of each row among all rows by id.
    init(_ facts: FactRows, idPlaces: [UInt32]) {
        columns = facts.columns
        members = facts.root
        var listed = [Bool](repeating: false, count: members.counts.count)
        var roots: [UInt32] = []
        for row in 0..<columns.count where columns.root.code(row) == 0 {
            roots.append(UInt32(row))
            listed[Int(columns.root.code(of: columns.ids[row]))] = true
        }
        let rows = UInt32(columns.count)
        for code in listed.indices.dropFirst() where !listed[code] { roots.append(rows + UInt32(code)) }
        self.roots = Self.inOrder(roots, columns, members.counts, idPlaces)
    }

    /// Sorted by size; texts are compared only where sizes are equal and one of the two has no listing.
    private static func inOrder(
        _ roots: [UInt32], _ columns: ModelColumns, _ members: [UInt32], _ places: [UInt32]
    ) -> [UInt32] {
        let rows = UInt32(columns.count)
        func name(_ root: UInt32) -> String {
            root < rows ? columns.ids[Int(root)] : columns.root.word(root - rows)
        }
        let sized = roots.map { root in
            let code = root < rows ? columns.root.code(of: columns.ids[Int(root)]) : root - rows
            return (size: code == 0 ? 0 : members[Int(code)], root: root)
        }
        return sized.sorted { left, right in
            if left.size != right.size { return left.size > right.size }
            if left.root < rows, right.root < rows { return places[Int(left.root)] < places[Int(right.root)] }
            return name(left.root).utf8.lexicographicallyPrecedes(name(right.root).utf8)
        }.map(\.root)
    }

    /// How many models the family of a row has. The root counts, with a listing or without.
    func size(ofRow row: Int) -> Int {
        let own = columns.root.code(row)
        let code = own == 0 ? Int(columns.root.code(of: columns.ids[row])) : own
        return 1 + (code == 0 ? 0 : Int(members.counts[code]))
    }

    subscript(place: Int) -> Family {
        let rows = UInt32(columns.count)
        let root = roots[place]
        if root < rows {
            return family(columns.ids[Int(root)], row: root)
        }
        return family(columns.root.word(root - rows), row: nil)
    }

    /// The family of a root; `nil` where the snapshot has neither the root nor a member.
    func family(of root: String, row: Int?) -> Family? {
        if let row, columns.root.code(row) != 0 { return nil }
        guard row != nil || columns.root.code(of: root) != 0 else { return nil }
        return family(root, row: row.map { UInt32($0) })
    }

    private func family(_ root: String, row: UInt32?) -> Family {
        let code = Int(columns.root.code(of: root))
        var rows = code == 0 ? [] : members.rows(code)
        let size = rows.count + 1
        if let row {
            rows.append(row)
            rows.sort()
        }
        return Family(root: root, rows: rows, size: size, of: columns)
    }
}
