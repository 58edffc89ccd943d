import Deployment
import Model
import SQLite
import Scoring
import Store
import Synchronization

/// One published snapshot, ready to be answered from: immutable columns, and orders and selections that are computed
/// once when somebody asks for them.
final class ModelIndex: Sendable {
    /// Selections are kept as row numbers, 4 bytes each; the oldest go when they are more than this in all.
    private static let keptRows = 16 << 20
    /// Counts of so many selections are kept, some kilobytes each.
    private static let keptFacets = 512

    let publication: Publication
    let columns: ModelColumns
    /// All rows by id, bytewise.
    let idOrder: [UInt32]
    let families: FamilyTable
    let trends: TrendSlots
    let highlights: Highlights
    /// What the snapshot does not have; their rows come behind its own.
    let absent: AbsentModels
    private let profiles: ScoreProfiles
    private let computed = Mutex(Computed())

    private struct Computed {
        var orders: [OrderKey: [UInt32]] = [:]
        var ranks: [String: ProfileRanks] = [:]
        var selections: [SelectionKey: [UInt32]] = [:]
        var oldestFirst: [SelectionKey] = []
        var rows = 0
        var facets: [ModelFilter: FacetCounts] = [:]
    }

    private struct OrderKey: Hashable {
        let sort: ModelSort
        let profile: String
    }

    private struct SelectionKey: Hashable {
        let filter: ModelFilter
        let order: OrderKey
    }

    init(
        _ publication: Publication, _ columns: ModelColumns, profiles: ScoreProfiles, trends: TrendSlots = .none,
        absent: AbsentModels = .none
    ) {
        self.absent = absent
        self.trends = trends
        highlights = Highlights(columns, hasBaseline: publication.baselines.downloads24h != nil)
        self.publication = publication
        self.columns = columns
        self.profiles = profiles
        idOrder = (0..<UInt32(columns.count)).sorted { columns.ids.isOrderedBefore(Int($0), Int($1)) }
        families = FamilyTable(columns, idOrder: idOrder)
    }

    static func load(
        _ publication: Publication, profiles: ScoreProfiles, from db: borrowing Connection
    ) throws(SQLiteError) -> ModelIndex {
        var columns = ModelColumns()
        try db.each(.standings(snapshot: publication.snapshot.key)) { row in columns.append(row.model, row.standing) }
        return ModelIndex(
            publication, columns, profiles: profiles, trends: try TrendSlots.load(publication, from: db),
            absent: try AbsentModels.load(publication, from: db))
    }

    var count: Int { columns.count }

    /// The row of a model; `nil` where the snapshot does not have it.
    func row(of id: String) -> Int? {
        let wanted = Array(id.utf8)
        var (low, high) = (0, idOrder.count)
        while low < high {
            let middle = (low + high) / 2
            let order = columns.ids.compare(Int(idOrder[middle]), wanted)
            if order == 0 { return Int(idOrder[middle]) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// One model with rank and total under a profile.
    func standing(_ row: Int, profile: String) -> Standing {
        guard isListed(row) else { return absent.columns[row - count] }
        var standing = columns[row]
        guard profile != publication.profile, let ranks = ranks(of: profile) else { return standing }
        standing.rank = Int(ranks.ranks[row])
        standing.scores.total = Tenths(Int32(ranks.totals[row]))
        return standing
    }

    /// The rows that a filter keeps, in order.
    func rows(_ filter: ModelFilter, sort: ModelSort, profile: String) -> [UInt32] {
        let order = OrderKey(sort: sort, profile: sort.key == .score ? profile : publication.profile)
        guard filter.wantsAbsent else { return listed(filter.ofAnyStatus, order) }
        let key = SelectionKey(filter: filter, order: order)
        if let known = computed.withLock({ $0.selections[key] }) { return known }
        let all = merged(
            filter.wantsReady ? listed(filter.ofAnyStatus, order) : [], absent.rows(filter, sort: sort), sort: sort,
            totals: ranks(of: order.profile)?.totals ?? columns.total)
        keep(all, key)
        return all
    }

    private func listed(_ filter: ModelFilter, _ order: OrderKey) -> [UInt32] {
        if filter.isEmpty { return rows(in: order) }
        let key = SelectionKey(filter: filter, order: order)
        if let known = computed.withLock({ $0.selections[key] }) { return known }
        let mask = filter.mask(of: columns)
        let all = rows(in: order)
        let selected = all.filter { mask[Int($0)] }
        keep(selected, key)
        return selected
    }

    /// What each choice of the menus would show beside a filter.
    func facets(_ filter: ModelFilter) -> FacetCounts {
        if let known = computed.withLock({ $0.facets[filter] }) { return known }
        let usual = filter.isEmpty ? nil : facets(ModelFilter())
        let fresh = FacetCounts(filter, columns, usual: usual)
        computed.withLock { computed in
            // Those of the page without a filter are made again at once; the others are rarely asked for twice.
            if computed.facets.count >= Self.keptFacets { computed.facets.removeAll() }
            computed.facets[filter] = fresh
        }
        return fresh
    }

    private func keep(_ rows: [UInt32], _ key: SelectionKey) {
        computed.withLock { computed in
            guard computed.selections.updateValue(rows, forKey: key) == nil else { return }
            computed.oldestFirst.append(key)
            computed.rows += rows.count + 64
            while computed.rows > Self.keptRows, computed.oldestFirst.count > 1 {
                let oldest = computed.oldestFirst.removeFirst()
                computed.rows -= (computed.selections.removeValue(forKey: oldest)?.count ?? 0) + 64
            }
        }
    }

    private func rows(in order: OrderKey) -> [UInt32] {
        if let known = computed.withLock({ $0.orders[order] }) { return known }
        let totals = ranks(of: order.profile)?.totals ?? columns.total
        let rows = order.sort.order(of: columns, idOrder: idOrder, totals: totals)
        computed.withLock { $0.orders[order] = rows }
        return rows
    }

    /// Every model's total and place under a profile, by row.
    struct ProfileRanks: Sendable {
        let totals: [Int16]
        let ranks: [Int32]
    }

    /// - Returns: `nil` for the profile that the snapshot was published under, and for one that is not known.
    func ranks(of name: String) -> ProfileRanks? {
        guard name != publication.profile, let profile = profiles[name] else { return nil }
        if let known = computed.withLock({ $0.ranks[name] }) { return known }
        let scoring = Scoring(caps: profiles.caps, weights: profile.weights)
        let totals = (0..<columns.count).map { row in
            scoring.total(
                adoption: ModelColumns.tenths(columns.adoption[row]),
                ecosystem: ModelColumns.tenths(columns.ecosystem[row]),
                velocity: ModelColumns.tenths(columns.velocity[row]))
        }
        let fresh = ProfileRanks(
            totals: totals.map { Int16($0.count) }, ranks: Ranking.ranks(totals: totals, idOrder: idOrder))
        computed.withLock { $0.ranks[name] = fresh }
        return fresh
    }
}
