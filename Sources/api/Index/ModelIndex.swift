import Deployment
import Model
import SQLite
import Scoring
import Store
import Synchronization

/// One published snapshot, ready to be answered from: immutable columns, and orders and selections that are computed
/// once when somebody asks for them.
final class ModelIndex: Sendable {
    /// Selections are kept; the oldest go when they are more than this in all, counted in row numbers of 4 bytes.
    private static let keptRows = 8 << 20
    /// Counts of so many selections are kept, some kilobytes each.
    private static let keptFacets = 512
    /// A list of so few rows is kept in its order. A longer one is found on the way through all rows, on which it is
    /// met often; what is kept for it is a bit for each row and part of the filter, whatever the order and the rest.
    private static let fewRows = 32 << 10
    /// Of so few rows the ids are compared where the figures are equal; more of them are found in the order of ids.
    private static let sortedRows = 2 << 10
    /// Counts of so many filters are kept.
    private static let keptCounts = 10_000
    /// So many rows of each order are at hand, and as a whole the orders that were asked for last: ten megabytes each
    /// of a whole Hub.
    private static let firstRows = 64 << 10
    private static let keptWholes = 2

    let publication: Publication
    let columns: ModelColumns
    /// All rows by id, bytewise.
    let idOrder: [UInt32]
    let families: FamilyTable
    let trends: TrendSlots
    let knownTrends = TrendCache()
    let highlights: Highlights
    let fragments = FragmentCache()
    /// What the snapshot does not have; their rows come behind its own.
    let absent: AbsentModels
    private let profiles: ScoreProfiles
    private let computed = Mutex(Computed())

    fileprivate struct Computed {
        /// The first rows of each order, or all.
        var orders: [OrderKey: OrderedRows] = [:]
        /// The orders that were asked for last as a whole, the newest last.
        var wholes: [(key: OrderKey, rows: [UInt32])] = []
        var ranks: [String: ProfileRanks] = [:]
        /// Of filters that ask for one thing.
        var sets: [ModelFilter: RowSet] = [:]
        /// Of all filters.
        var counts: [ModelFilter: Int] = [:]
        var lists: [ListKey: [UInt32]] = [:]
        /// What has been kept, the oldest first: a set, or a list where there is an order.
        var oldestFirst: [(filter: ModelFilter, order: OrderKey?)] = []
        var rows = 0
        var facets: [ModelFilter: FacetCounts] = [:]
    }

    fileprivate struct OrderKey: Hashable {
        let sort: ModelSort
        let profile: String
    }

    fileprivate struct ListKey: Hashable {
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
        idOrder = columns.ids.order()
        families = FamilyTable(columns, idOrder: idOrder)
    }

    static func load(
        _ publication: Publication, profiles: ScoreProfiles, from db: borrowing Connection
    ) throws(SQLiteError) -> ModelIndex {
        let replaced = try ReplacedListings.load(publication.snapshot, from: db)
        var columns = ModelColumns()
        var ranks: [UInt32] = []
        ranks.reserveCapacity(publication.snapshot.readyCount)
        try db.each(.standingsByModel(snapshot: publication.snapshot.key)) { row in
            columns.append(row.model, replaced.restored(row.standing, of: row.model))
            ranks.append(UInt32(clamping: row.standing.rank))
        }
        columns.reorder(RowOrder.ofRanks(ranks))
        let index = ModelIndex(
            publication, columns, profiles: profiles, trends: try TrendSlots.load(publication, from: db),
            absent: try AbsentModels.load(publication.snapshot, replaced: replaced, from: db))
        index.prepareOrders()
        return index
    }

    /// Makes the orders of a large snapshot that readers are likely to ask for, while the one before is still shown.
    private func prepareOrders() {
        guard count > Self.firstRows else { return }
        for key in ModelSort.Key.allCases {
            let sort = ModelSort(key: key, descending: key != .name)
            _ = rows(in: OrderKey(sort: sort, profile: publication.profile))
        }
        computed.withLock { $0.wholes = [] }
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
        guard isListed(row) else {
            // What the snapshot does not have has no place in it.
            var standing = absent.columns[row - count]
            standing.rank = 0
            return standing
        }
        var standing = columns[row]
        guard profile != publication.profile, let ranks = ranks(of: profile) else { return standing }
        standing.rank = Int(ranks.ranks[row])
        standing.scores.total = Tenths(Int32(ranks.totals[row]))
        return standing
    }

    /// The rows that a filter keeps, in order.
    func selection(_ filter: ModelFilter, sort: ModelSort, profile: String) -> RowSelection {
        let order = OrderKey(sort: sort, profile: sort.key == .score ? profile : publication.profile)
        guard filter.wantsAbsent else { return listed(filter.ofAnyStatus, order) }
        let list = ListKey(filter: filter, order: order)
        if let known = computed.withLock({ $0.lists[list] }) { return RowSelection(known) }
        let own = filter.wantsReady ? listed(filter.ofAnyStatus, order).all : []
        let all = merged(
            own, absent.rows(filter, sort: sort), sort: sort,
            totals: ranks(of: order.profile)?.totals ?? columns.total)
        return keep(all, list)
    }

    func rows(_ filter: ModelFilter, sort: ModelSort, profile: String) -> [UInt32] {
        selection(filter, sort: sort, profile: profile).all
    }

    /// Of the models that the snapshot has.
    private func listed(_ filter: ModelFilter, _ order: OrderKey) -> RowSelection {
        if filter.isEmpty { return RowSelection(rows(in: order), [], count: count) }
        let list = ListKey(filter: filter, order: order)
        if let known = computed.withLock({ $0.lists[list] }) { return RowSelection(known) }
        let sets = filter.parts.map { rows(of: $0) }
        let count = count(of: filter, sets)
        if count > Self.fewRows { return RowSelection(rows(in: order), sets, count: count) }
        let totals = ranks(of: order.profile)?.totals ?? columns.total
        if count <= Self.sortedRows {
            return keep(order.sort.sorted(RowSet.rows(sets, count: count), of: columns, totals: totals), list)
        }
        let byID = RowSelection(OrderedRows(idOrder), sets, count: count).all
        return keep(order.sort.sorted(byID: byID, of: columns, totals: totals), list)
    }

    private func count(of filter: ModelFilter, _ sets: [RowSet]) -> Int {
        if let known = computed.withLock({ $0.counts[filter] }) { return known }
        let fresh = RowSet.count(sets)
        computed.withLock { computed in
            if computed.counts.count >= Self.keptCounts { computed.counts.removeAll() }
            computed.counts[filter] = fresh
        }
        return fresh
    }

    private func keep(_ rows: [UInt32], _ list: ListKey) -> RowSelection {
        computed.withLock { computed in
            guard computed.lists.updateValue(rows, forKey: list) == nil else { return }
            computed.keep((list.filter, list.order), weight: Self.weight(rows), atMost: Self.keptRows)
        }
        return RowSelection(rows)
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

    /// - Parameter filter: asks for one thing.
    private func rows(of filter: ModelFilter) -> RowSet {
        if let known = computed.withLock({ $0.sets[filter] }) { return known }
        let fresh = RowSet(filter.mask(of: columns))
        computed.withLock { computed in
            guard computed.sets.updateValue(fresh, forKey: filter) == nil else { return }
            computed.keep((filter, nil), weight: fresh.weight + Self.overhead, atMost: Self.keptRows)
        }
        return fresh
    }

    /// What a key costs beside its rows.
    fileprivate static let overhead = 64
    fileprivate static func weight(_ rows: [UInt32]) -> Int { rows.count + overhead }

    private func rows(in order: OrderKey) -> OrderedRows {
        if let known = computed.withLock({ $0.orders[order] }) { return known }
        let rows = wholeOrder(order)
        let ordered =
            rows.count <= Self.firstRows
            ? OrderedRows(rows)
            : OrderedRows(first: Array(rows.prefix(Self.firstRows))) { [weak self] in self?.wholeOrder(order) ?? [] }
        computed.withLock { $0.orders[order] = ordered }
        return ordered
    }

    private func wholeOrder(_ order: OrderKey) -> [UInt32] {
        if let known = computed.withLock({ $0.wholes.first { $0.key == order }?.rows }) { return known }
        let totals = ranks(of: order.profile)?.totals ?? columns.total
        // Rows are kept by rank, and ranks are by score and id.
        let isByRank = order == OrderKey(sort: .usual, profile: publication.profile)
        let rows =
            isByRank
            ? (0..<UInt32(columns.count)).map(\.self)
            : order.sort.order(of: columns, idOrder: idOrder, totals: totals)
        computed.withLock { computed in
            computed.wholes.removeAll { $0.key == order }
            computed.wholes.append((order, rows))
            if computed.wholes.count > Self.keptWholes { computed.wholes.removeFirst() }
        }
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

extension ModelIndex.Computed {
    /// Lets go of the oldest where there is too much.
    fileprivate mutating func keep(
        _ fresh: (filter: ModelFilter, order: ModelIndex.OrderKey?), weight: Int, atMost limit: Int
    ) {
        oldestFirst.append(fresh)
        rows += weight
        while rows > limit, oldestFirst.count > 1 {
            let oldest = oldestFirst.removeFirst()
            if let order = oldest.order {
                let list = lists.removeValue(forKey: ModelIndex.ListKey(filter: oldest.filter, order: order))
                rows -= list.map(ModelIndex.weight) ?? 0
            } else {
                rows -= sets.removeValue(forKey: oldest.filter).map { $0.weight + ModelIndex.overhead } ?? 0
            }
        }
    }
}
