import Model
import Testing

@testable import api

/// The counts of the menus against an independent count over the same rows.
@Suite struct FacetCountTests {
    /// Forty models whose facts follow from their number.
    static let columns: ModelColumns = {
        var columns = ModelColumns()
        for number in 1...40 {
            var row = PageFixture.row(number, id: "owner-\(number % 3)/model-\(number)").standing
            row.listing.provider = "owner-\(number % 3)"
            row.listing.license =
                number.isMultiple(of: 4)
                ? nil
                : License(
                    id: number.isMultiple(of: 2) ? "mit" : "cc-by-nc-4.0",
                    kind: number.isMultiple(of: 2) ? .permissive : .noncommercial)
            row.listing.capabilities = [.vision, .tools, .code].enumerated()
                .filter { number.isMultiple(of: $0.offset + 2) }
                .map { CapabilityClaim($0.element, source: .tag) }
            row.listing.parameters =
                number.isMultiple(of: 5)
                ? nil
                : ParameterCount(
                    total: Int64(number) * 1_000_000_000, source: .safetensors)
            row.anomaly.downloads = number == 7
            columns.append(UInt32(number), row)
        }
        return columns
    }()

    static let filters: [ModelFilter] = {
        var filters = [ModelFilter()]
        for change in [
            { $0.capabilities = [.vision] }, { $0.capabilities = [.vision, .tools] }, { $0.providers = ["owner-1"] },
            { $0.licenses = ["mit"] }, { $0.licenseClasses = [.noncommercial] },
            { ($0.parameterClasses, $0.providers) = ([.from8B, .from15B], ["owner-0", "owner-2"]) },
            { $0.words = ["model-1"] }, { ($0.capabilities, $0.licenseClasses) = ([.code], [.permissive]) },
        ] as [(inout ModelFilter) -> Void] {
            var filter = ModelFilter()
            change(&filter)
            filters.append(filter)
        }
        return filters
    }()

    private func count(_ filter: ModelFilter) -> Int { filter.mask(of: Self.columns).count { $0 } }

    @Test(arguments: filters)
    func aChoiceCountsWhatTickingItShows(filter: ModelFilter) {
        let facets = FacetCounts(filter, of: Self.columns)
        for capability in Capability.allCases {
            var ticked = filter
            if !ticked.capabilities.contains(capability) { ticked.capabilities.append(capability) }
            #expect(facets.capabilities[capability] == count(ticked), "\(capability)")
        }
        for kind in LicenseClass.allCases {
            var ticked = filter
            (ticked.licenses, ticked.licenseClasses) = ([], [kind])
            #expect(facets.licenseClasses[kind] == count(ticked), "\(kind)")
        }
        for size in ParameterClass.allCases {
            var ticked = filter
            ticked.parameterClasses = [size]
            #expect(facets.parameterClasses[size] ?? 0 == count(ticked), "\(size)")
        }
        for choice in facets.providers {
            var ticked = filter
            ticked.providers = [choice.value]
            #expect(choice.count == count(ticked), "\(choice.value)")
        }
        for choice in facets.licenses {
            var ticked = filter
            (ticked.licenses, ticked.licenseClasses) = ([choice.value], [])
            #expect(choice.count == count(ticked), "\(choice.value)")
        }
        var flagged = filter
        flagged.anomalies = [.any]
        #expect(facets.anomalies == count(flagged))
    }

    @Test func choicesStayWhereNothingFitsThem() {
        let usual = FacetCounts(ModelFilter(), of: Self.columns)
        var filter = ModelFilter()
        filter.words = ["no such name"]
        filter.providers = ["nobody"]
        let facets = FacetCounts(filter, of: Self.columns, usual: usual)
        #expect(facets.providers.map(\.value) == ["nobody", "owner-0", "owner-1", "owner-2"])
        #expect(facets.providers.allSatisfy { $0.count == 0 })
    }

    @Test func onlyTheCommonestOfManyAreChoices() {
        var columns = ModelColumns()
        for number in 1...200 {
            var row = PageFixture.row(number, id: "p\(number)/m").standing
            row.listing.provider = number <= 100 ? "p\(number)" : "common-\(number % 10)"
            columns.append(UInt32(number), row)
        }
        let facets = FacetCounts(ModelFilter(), of: columns)
        #expect(facets.providers.count == 24)
        #expect(facets.providers.count { $0.value.hasPrefix("common-") } == 10)
    }
}

extension FacetCounts {
    /// As an index counts them.
    init(_ filter: ModelFilter, of columns: ModelColumns, usual: FacetCounts? = nil) {
        let facts = FactRows(columns)
        let parts = filter.parts.map { (asked: $0, rows: facts.rows(of: $0)) }
        self.init(FacetCounting(filter, facts, parts: parts, usual: usual, few: columns.count))
    }
}
