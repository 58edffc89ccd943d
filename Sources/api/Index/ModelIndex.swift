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
    private static let keptRows = 2 << 20
    /// Counts of so many selections are kept, some kilobytes each.
    private static let keptFacets = 512
    /// Counts of so many filters are kept.
    private static let keptCounts = 10_000
    /// As a whole, the orders that were asked for last are kept: ten megabytes each of a whole Hub.
    private static let keptWholes = 2

    /// From which number of rows on there is another way to an answer; it is the same on each.
    struct Limits: Sendable {
        /// A list of so few rows is put into its order at once.
        var few = 2 << 10
        /// Of a longer one the first rows are met on the way through the first of all. For what is not, a list of so
        /// few is put into its order; a still longer one is found on the way through all rows.
        var sorted = 128 << 10
        /// So many rows of each order are at hand.
        var first = 64 << 10
        /// Choices of a menu are counted among so few rows by a look at each of them.
        var counted = 64 << 10
    }

    let publication: Publication
    let columns: ModelColumns
    /// All rows by id, bytewise.
    let idOrder: [UInt32]
    /// The place of each row in it.
    private let idPlaces: [UInt32]
    private let facts: FactRows
    let families: FamilyTable
    let trends: TrendSlots
    let knownTrends = TrendCache()
    let highlights: Highlights
    let fragments = FragmentCache()
    /// What the snapshot does not have; their rows come behind its own.
    let absent: AbsentModels
    private let profiles: ScoreProfiles
    private let limits: Limits
    private let computed = Mutex(Computed())

    fileprivate struct Computed {
        /// The first rows of each order, or all.
        var orders: [OrderKey: OrderedRows] = [:]
        /// The orders that were asked for last as a whole, the newest last.
        var wholes: [(key: OrderKey, rows: [UInt32])] = []
        var ranks: [String: ProfileRanks] = [:]
        /// Of filters that ask for one thing which is not known of each row.
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
        absent: AbsentModels = .none, limits: Limits = Limits()
    ) {
        self.limits = limits
        self.absent = absent
        self.trends = trends
        highlights = Highlights(columns, hasBaseline: publication.baselines.downloads24h != nil)
        self.publication = publication
        self.profiles = profiles
        let idOrder = columns.ids.order()
        var columns = columns
        columns.placeNames(idOrder: idOrder)
        self.columns = columns
        var idPlaces = [UInt32](repeating: 0, count: idOrder.count)
        for (place, row) in idOrder.enumerated() { idPlaces[Int(row)] = UInt32(place) }
        (self.idOrder, self.idPlaces) = (idOrder, idPlaces)
        facts = FactRows(columns)
        families = FamilyTable(facts, idPlaces: idPlaces)
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
        index.prepare()
        return index
    }

    /// Makes what readers of a large snapshot are likely to ask for, while the one before is still shown: the first
    /// rows of each order in both directions, and the counts of the menus.
    private func prepare() {
        _ = facets(ModelFilter())
        guard count > limits.first else { return }
        for key in ModelSort.Key.allCases {
            let sort = ModelSort(key: key, descending: key != .name)
            let order = OrderKey(sort: sort, profile: publication.profile)
            let whole = wholeOrder(order)
            let opposite = OrderKey(sort: sort.reversed, profile: publication.profile)
            let last = sort.reversed(whole, first: limits.first, of: columns, totals: columns.total)
            computed.withLock { computed in
                computed.orders[order] = ordered(Array(whole.prefix(limits.first)), order)
                computed.orders[opposite] = ordered(last, opposite)
            }
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
        standing.scores.total = ModelColumns.tenths(ranks.totals[row])
        // Places of another day are kept for the published profile alone.
        standing.deltas.rankChange = .missing(.noBaseline)
        return standing
    }

    /// The rows that a filter keeps, in order.
    func selection(_ filter: ModelFilter, sort: ModelSort, profile: String) -> RowSelection {
        // By another profile nobody's change is known, and what is equal goes by id.
        var sort = sort
        sort.isUnknown = sort.key == .rankChange && profile != publication.profile
        let order = OrderKey(sort: sort, profile: sort.key == .score ? profile : publication.profile)
        guard filter.wantsAbsent else { return listed(filter.ofAnyStatus, order) }
        let list = ListKey(filter: filter, order: order)
        if let known = computed.withLock({ $0.lists[list] }) { return RowSelection(known) }
        let own = filter.wantsReady ? listed(filter.ofAnyStatus, order).all : []
        let all = merged(
            own, absent.rows(filter, sort: sort), sort: sort,
            totals: ranks(of: order.profile)?.totals ?? columns.total)
        keep(all, list)
        return RowSelection(all)
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
        let fitting = count(of: filter, sets)
        let own: @Sendable () -> [UInt32] = { [self] in
            let rows = order.sort.sorted(
                RowSet.common(sets, of: count).rows(count: fitting), of: columns, idOrder: idOrder, idPlaces: idPlaces,
                totals: ranks(of: order.profile)?.totals ?? columns.total)
            keep(rows, list)
            return rows
        }
        if fitting <= limits.few { return RowSelection(own()) }
        return RowSelection(rows(in: order), sets, count: fitting, own: fitting <= limits.sorted ? own : nil)
    }

    private func count(of filter: ModelFilter, _ sets: [RowSet]) -> Int {
        if let known = computed.withLock({ $0.counts[filter] }) { return known }
        let fresh = RowSet.common(sets, of: count).count
        computed.withLock { computed in
            if computed.counts.count >= Self.keptCounts { computed.counts.removeAll() }
            computed.counts[filter] = fresh
        }
        return fresh
    }

    private func keep(_ rows: [UInt32], _ list: ListKey) {
        computed.withLock { computed in
            guard computed.lists.updateValue(rows, forKey: list) == nil else { return }
            computed.keep((list.filter, list.order), weight: Self.weight(rows), atMost: Self.keptRows)
        }
    }

    /// What each choice of the menus would show beside a filter.
    func facets(_ filter: ModelFilter) -> FacetCounts {
        if let known = knownFacets(filter) { return known }
        let fresh = FacetCounts(counting(filter))
        keep(fresh, of: filter)
        return fresh
    }

    /// The same by two threads at once: for one who waits for it.
    func concurrentFacets(_ filter: ModelFilter) async -> FacetCounts {
        if let known = knownFacets(filter) { return known }
        let fresh = await FacetCounts(counting(filter))
        keep(fresh, of: filter)
        return fresh
    }

    private func counting(_ filter: ModelFilter) -> FacetCounting {
        let usual = filter.isEmpty ? nil : facets(ModelFilter())
        let parts = filter.parts.map { (asked: $0, rows: rows(of: $0)) }
        return FacetCounting(filter, facts, parts: parts, usual: usual, few: limits.counted)
    }

    private func knownFacets(_ filter: ModelFilter) -> FacetCounts? { computed.withLock { $0.facets[filter] } }

    private func keep(_ fresh: FacetCounts, of filter: ModelFilter) {
        computed.withLock { computed in
            // Those of the page without a filter are made again at once; the others are rarely asked for twice.
            if computed.facets.count >= Self.keptFacets { computed.facets.removeAll() }
            computed.facets[filter] = fresh
        }
    }

    /// - Parameter filter: asks for one thing.
    private func rows(of filter: ModelFilter) -> RowSet {
        guard filter.takesALookAtEachRow else { return facts.rows(of: filter) }
        if let known = computed.withLock({ $0.sets[filter] }) { return known }
        let fresh = facts.rows(of: filter)
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
        let fresh =
            rows.count <= limits.first ? OrderedRows(rows) : ordered(Array(rows.prefix(limits.first)), order)
        computed.withLock { $0.orders[order] = fresh }
        return fresh
    }

    private func ordered(_ first: [UInt32], _ order: OrderKey) -> OrderedRows {
        OrderedRows(first: first) { [weak self] in self?.wholeOrder(order) ?? [] }
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
            totals: totals.map(ModelColumns.tenths), ranks: Ranking.ranks(totals: totals, idOrder: idOrder))
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
