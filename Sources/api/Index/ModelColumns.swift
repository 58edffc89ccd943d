import Model

/// Every model of a publication, by rank, as columns: a row costs some 200 bytes where a ``Standing`` takes a
/// kilobyte, so that the whole Hub fits into memory.
struct ModelColumns: Sendable {
    private(set) var ids = TextColumn()
    /// The models' numbers in the database.
    private(set) var models: [UInt32] = []
    private(set) var provider = CodedColumn()
    private(set) var library = CodedColumn()
    private(set) var pipeline = CodedColumn()
    private(set) var downloads = NumberColumn()
    private(set) var downloadsAllTime = NumberColumn()
    private(set) var likes = NumberColumn()
    private(set) var trending = RealColumn()
    private(set) var created = NumberColumn(unit: 1_000)
    private(set) var modified = NumberColumn(unit: 1_000)
    private(set) var gated = CaseColumn<Gated>()
    private(set) var isPrivate: [Bool] = []
    private(set) var license = CodedColumn()
    private(set) var licenseName = CodedColumn()
    private(set) var licenseClass = CaseColumn<LicenseClass>()
    private(set) var parameters = NumberColumn()
    private(set) var activeParameters = NumberColumn()
    private(set) var parameterSource = CaseColumn<ParameterSource>()
    /// The root of the family; "unknown" stands for the model itself, which is most of the Hub.
    private(set) var root = CodedColumn()
    private(set) var parent = CodedColumn()
    private(set) var relation = CaseColumn<Relation>()
    private(set) var lineageSource = CaseColumn<LineageSource>()
    /// One bit for each capability, in the order of its cases.
    private(set) var capabilities: [UInt16] = []
    /// Four bits for each capability: the source's place in its cases plus 1.
    private(set) var capabilitySources = NumberColumn()
    private(set) var adoption: [Int16] = []
    private(set) var ecosystem: [Int16] = []
    private(set) var velocity: [Int16] = []
    private(set) var total: [Int16] = []
    private(set) var downloads24h = DeltaColumn()
    private(set) var downloads7d = DeltaColumn()
    private(set) var likes24h = DeltaColumn()
    private(set) var likes7d = DeltaColumn()
    private(set) var rankChange = DeltaColumn()
    private(set) var anomalyState = CaseColumn<AnomalyState>()
    private(set) var anomalousDownloads = FlagColumn()
    private(set) var anomalousVelocity = FlagColumn()
    private(set) var anomalyFigures = FigureColumn()

    /// The place of each row's name among all names, bytewise, once ``placeNames(idOrder:)`` was called; those that are
    /// alike share one.
    private(set) var namePlaces: [UInt32] = []

    var count: Int { models.count }

    /// To be called when all rows are there and in their order.
    /// - Parameter idOrder: all rows by id, bytewise.
    mutating func placeNames(idOrder: [UInt32]) {
        let names = ids.names(of: idOrder)
        namePlaces = [UInt32](repeating: 0, count: count)
        var (place, last) = (UInt32(0), nil as Int?)
        for next in names.order().lazy.map(Int.init) {
            if let last, names.compare(last, next) != 0 { place += 1 }
            namePlaces[Int(idOrder[next])] = place
            last = next
        }
    }

    /// Rows come by rank, from 1; or else ``reorder(_:)`` follows the last.
    mutating func append(_ model: UInt32, _ standing: Standing) {
        models.append(model)
        append(standing.listing)
        adoption.append(Self.tenths(standing.scores.adoption))
        ecosystem.append(Self.tenths(standing.scores.ecosystem))
        velocity.append(Self.tenths(standing.scores.velocity))
        total.append(Self.tenths(standing.scores.total))
        downloads24h.append(standing.deltas.downloads24h)
        downloads7d.append(standing.deltas.downloads7d)
        likes24h.append(standing.deltas.likes24h)
        likes7d.append(standing.deltas.likes7d)
        rankChange.append(standing.deltas.rankChange)
        root.append(standing.family.root == standing.listing.id ? nil : standing.family.root.text)
        parent.append(standing.family.parentage?.parent.text)
        relation.append(standing.family.parentage?.relation)
        lineageSource.append(standing.family.parentage?.source)
        anomalyState.append(standing.anomaly.state)
        anomalousDownloads.append(standing.anomaly.downloads)
        anomalousVelocity.append(standing.anomaly.velocity)
        anomalyFigures.append(standing.anomaly.figures)
    }

    private mutating func append(_ listing: Listing) {
        ids.append(listing.id.text)
        provider.append(listing.provider)
        library.append(listing.library)
        pipeline.append(listing.pipeline)
        downloads.append(listing.downloads)
        downloadsAllTime.append(listing.downloadsAllTime)
        likes.append(listing.likes)
        trending.append(listing.trendingScore)
        created.append(listing.createdAt?.milliseconds)
        modified.append(listing.lastModified?.milliseconds)
        gated.append(listing.gated)
        isPrivate.append(listing.isPrivate)
        license.append(listing.license?.id)
        licenseName.append(listing.license?.name)
        licenseClass.append(listing.license?.kind)
        parameters.append(listing.parameters?.total)
        activeParameters.append(listing.parameters?.active)
        parameterSource.append(listing.parameters?.source)
        var (bits, sources) = (UInt16(0), UInt64(0))
        for claim in listing.capabilities {
            let place = Int(CaseColumn.code(claim.capability)) - 1
            bits |= 1 << place
            sources |= UInt64(CaseColumn.code(claim.source)) << (4 * place)
        }
        capabilities.append(bits)
        capabilitySources.append(Int64(bitPattern: sources))
    }

    private static let noScore: Int16 = -1
    static func tenths(_ score: Tenths?) -> Int16 { score.map { Int16($0.count) } ?? noScore }

    static func tenths(_ stored: Int16) -> Tenths? { stored == noScore ? nil : Tenths(Int32(stored)) }

    /// Of each row the class of its parameters, as a ``CaseColumn`` has it.
    var parameterClassCodes: [UInt8] {
        (0..<count).map { row in CaseColumn.code(parameters[row].map { ParameterClass(total: $0) }) }
    }

    /// The row as it was appended, tags aside.
    subscript(row: Int) -> Standing {
        let listing = listing(row)
        let parentage: Parentage? =
            if let parent = parent[row], let relation = relation[row], let source = lineageSource[row] {
                Parentage(parent: ModelID(parent), relation: relation, source: source)
            } else {
                nil
            }
        return Standing(
            listing: listing, rank: row + 1,
            scores: Scores(
                adoption: Self.tenths(adoption[row]), ecosystem: Self.tenths(ecosystem[row]),
                velocity: Self.tenths(velocity[row]), total: Self.tenths(total[row])),
            deltas: Deltas(
                downloads24h: downloads24h[row], downloads7d: downloads7d[row], likes24h: likes24h[row],
                likes7d: likes7d[row], rankChange: rankChange[row]),
            family: FamilyPlace(root: root[row].map { ModelID($0) } ?? listing.id, parentage: parentage),
            anomaly: Anomaly(
                downloads: anomalousDownloads[row], velocity: anomalousVelocity[row],
                state: anomalyState[row] ?? .insufficientHistory,
                figures: anomalyFigures[row]))
    }

    private func listing(_ row: Int) -> Listing {
        var listing = Listing(id: ModelID(ids[row]), provider: provider[row])
        listing.downloads = downloads[row]
        listing.downloadsAllTime = downloadsAllTime[row]
        listing.likes = likes[row]
        listing.trendingScore = trending[row]
        listing.createdAt = created[row].map { Timestamp(milliseconds: $0) }
        listing.lastModified = modified[row].map { Timestamp(milliseconds: $0) }
        listing.gated = gated[row]
        listing.isPrivate = isPrivate[row]
        listing.library = library[row]
        listing.pipeline = pipeline[row]
        listing.license = license[row].map { License(id: $0, name: licenseName[row], kind: licenseClass[row]) }
        if let total = parameters[row], let source = parameterSource[row] {
            listing.parameters = ParameterCount(total: total, active: activeParameters[row], source: source)
        }
        let sources = capabilitySources[row] ?? 0
        for (place, capability) in Capability.allCases.enumerated() where capabilities[row] & (1 << place) != 0 {
            let code = Int((sources >> (4 * place)) & 15)
            guard code > 0 else { continue }
            listing.capabilities.append(CapabilityClaim(capability, source: CapabilitySource.allCases[code - 1]))
        }
        return listing
    }
}

extension ModelColumns {
    /// Puts the rows into another order, one column after the other.
    /// - Parameter order: at each new place the row that comes there.
    mutating func reorder(_ order: [UInt32]) {
        ids.reorder(order)
        models.reorder(order)
        provider.reorder(order)
        library.reorder(order)
        pipeline.reorder(order)
        downloads.reorder(order)
        downloadsAllTime.reorder(order)
        likes.reorder(order)
        trending.reorder(order)
        created.reorder(order)
        modified.reorder(order)
        gated.reorder(order)
        isPrivate.reorder(order)
        license.reorder(order)
        licenseName.reorder(order)
        licenseClass.reorder(order)
        parameters.reorder(order)
        activeParameters.reorder(order)
        parameterSource.reorder(order)
        root.reorder(order)
        parent.reorder(order)
        relation.reorder(order)
        lineageSource.reorder(order)
        capabilities.reorder(order)
        capabilitySources.reorder(order)
        adoption.reorder(order)
        ecosystem.reorder(order)
        velocity.reorder(order)
        total.reorder(order)
        downloads24h.reorder(order)
        downloads7d.reorder(order)
        likes24h.reorder(order)
        likes7d.reorder(order)
        rankChange.reorder(order)
        anomalyState.reorder(order)
        anomalousDownloads.reorder(order)
        anomalousVelocity.reorder(order)
        anomalyFigures.reorder(order)
    }
}
