import JSON
import Model

/// A family's rollup, as an element of a list and by itself. Every sum says how many members it is a sum of.
struct FamilyBody {
    /// How many of a family's members the rollup names, by downloads.
    private static let named = 5

    let index: ModelIndex

    /// One page of families.
    func families(_ page: ListPage) -> [UInt8] {
        var json = JSONWriter(capacity: 16 << 10)
        json.beginObject()
        json.key("families")
        json.beginArray()
        for place in page.places {
            json.beginObject()
            write(index.families[place], to: &json)
            json.endObject()
        }
        json.endArray()
        SnapshotBody.write(page, to: &json)
        SnapshotBody.write(index.publication.snapshot, to: &json)
        json.endObject()
        return json.finished()
    }

    /// One family with a page of its members, by rank.
    func family(_ family: Family, _ page: ListPage) -> [UInt8] {
        var json = JSONWriter(capacity: 16 << 10)
        json.beginObject()
        write(family, to: &json)
        json.key("members")
        json.beginArray()
        for row in family.rows[page.places] { writeMember(Int(row), to: &json) }
        json.endArray()
        SnapshotBody.write(page, to: &json)
        SnapshotBody.write(index.publication.snapshot, to: &json)
        json.endObject()
        return json.finished()
    }

    /// The members of a family's object.
    func write(_ family: Family, to json: inout JSONWriter) {
        json.key("root")
        json.string(family.root)
        json.key("name")
        json.string(ModelID(family.root).name)
        json.key("size")
        json.integer(family.size)
        json.key("listed")
        json.integer(family.rows.count)
        json.key("relations")
        json.beginObject()
        for relation in Relation.allCases {
            json.key(text: relation.rawValue)
            json.integer(family.relations[relation] ?? 0)
        }
        json.endObject()
        json.key("downloads")
        Self.write(family.downloads, to: &json)
        json.key("delta")
        json.beginObject()
        json.key("downloads24h")
        Self.write(family.downloads24h, to: &json)
        json.key("downloads7d")
        Self.write(family.downloads7d, to: &json)
        json.endObject()
        json.key("top")
        json.beginArray()
        for row in top(family) { json.string(index.columns.ids[Int(row)]) }
        json.endArray()
    }

    /// A sum of nothing is unknown, and not 0.
    private static func write(_ sum: Family.Sum, to json: inout JSONWriter) {
        json.beginObject()
        json.key("sum")
        json.integer(sum.counted == 0 ? nil : sum.sum)
        json.key("counted")
        json.integer(sum.counted)
        json.endObject()
    }

    /// Rows come by rank, and a sort of few keeps that order for equal ones.
    private func top(_ family: Family) -> ArraySlice<UInt32> {
        family.rows.enumerated().sorted { left, right in
            let (first, second) = (
                index.columns.downloads[Int(left.element)] ?? -1, index.columns.downloads[Int(right.element)] ?? -1
            )
            return first == second ? left.offset < right.offset : first > second
        }.map(\.element).prefix(Self.named)
    }

    private func writeMember(_ row: Int, to json: inout JSONWriter) {
        let columns = index.columns
        json.beginObject()
        json.key("id")
        json.string(columns.ids[row])
        json.key("rank")
        json.integer(row + 1)
        json.key("relation")
        json.string(columns.relation[row]?.rawValue)
        json.key("source")
        json.string(columns.lineageSource[row]?.rawValue)
        json.key("parent")
        json.string(columns.parent[row])
        json.key("downloads")
        json.integer(columns.downloads[row])
        json.key("downloads24h")
        json.integer(columns.downloads24h[row].value)
        json.key("downloads7d")
        json.integer(columns.downloads7d[row].value)
        json.key("likes")
        json.integer(columns.likes[row])
        json.endObject()
    }
}
