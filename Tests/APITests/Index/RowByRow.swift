import Model
import TestKit

@testable import api

/// What the contract says of filters, orders and menus, one model at a time and without any structure.
enum RowByRow {
    /// What the contract says of a filter, one model at a time.
    static func fits(_ filter: ModelFilter, _ standing: Standing) -> Bool {
        let listing = standing.listing
        func any(_ texts: [String], _ text: String?) -> Bool {
            texts.isEmpty || text.map { text in texts.contains { $0.lowercased() == text.lowercased() } } ?? false
        }
        func any<Value: Equatable>(_ values: [Value], _ value: Value?) -> Bool {
            values.isEmpty || value.map(values.contains) ?? false
        }
        let license =
            filter.licenses.isEmpty && filter.licenseClasses.isEmpty
            || !filter.licenses.isEmpty && any(filter.licenses, listing.license?.id)
            || !filter.licenseClasses.isEmpty && any(filter.licenseClasses, listing.license?.kind)
        let anomaly =
            filter.anomalies.isEmpty
            || filter.anomalies.contains { kind in
                (kind != .velocity && standing.anomaly.downloads == true)
                    || (kind != .downloads && standing.anomaly.velocity == true)
            }
        let capabilities = Set(listing.capabilities.map(\.capability))
        return filter.words.allSatisfy { listing.id.text.withSmallLetters.contains($0) }
            && filter.capabilities.allSatisfy(capabilities.contains) && any(filter.providers, listing.provider)
            && license && any(filter.parameterClasses, listing.parameters?.sizeClass)
            && any(filter.families, standing.family.root.text)
            && any(filter.relations, standing.family.parentage?.relation) && any(filter.libraries, listing.library)
            && any(filter.pipelines, listing.pipeline) && any(filter.gated, listing.gated)
            && any(filter.access, listing.isPrivate ? .private : .public) && anomaly && any(filter.statuses, .ready)
            && (listing.downloads ?? -1) >= (filter.minDownloads ?? -1)
            && (listing.likes ?? -1) >= (filter.minLikes ?? -1)
            && (listing.lastModified ?? .init(milliseconds: -1)) >= (filter.updatedSince ?? .init(milliseconds: -1))
            && (listing.createdAt ?? .init(milliseconds: -1)) >= (filter.createdSince ?? .init(milliseconds: -1))
    }

    static func filter(_ random: inout SplitMix64) -> ModelFilter {
        func some<Value>(_ values: [Value]) -> [Value] {
            Int.random(in: 0..<5, using: &random) > 0
                ? [] : values.filter { _ in Bool.random(using: &random) }
        }
        func least(_ limit: Int64) -> Int64? {
            Int.random(in: 0..<5, using: &random) > 0 ? nil : Int64.random(in: 0...limit, using: &random)
        }
        var filter = ModelFilter()
        filter.words = some(["model", "1", "meta", "Ω"])
        filter.capabilities = some([.chat, .tools])
        filter.providers = some(["META", "q"])
        filter.licenses = some(["MIT"])
        filter.licenseClasses = some([.permissive, .custom])
        filter.parameterClasses = some(ParameterClass.allCases)
        filter.families = some(["root/1", "Root/2", "q/Model-7"])
        filter.relations = some(Relation.allCases)
        filter.libraries = some(["GGUF"])
        filter.pipelines = some(["fill-mask"])
        filter.gated = some(Gated.allCases)
        filter.access = some(ModelFilter.Access.allCases)
        filter.anomalies = some(ModelFilter.AnomalyKind.allCases)
        filter.statuses = some(ModelFilter.Status.allCases)
        filter.minDownloads = least(20)
        filter.minLikes = least(5)
        filter.updatedSince = least(9).map { Timestamp(milliseconds: $0) }
        filter.createdSince = least(9).map { Timestamp(milliseconds: $0) }
        return filter
    }

    /// Missing values last, equal ones by id.
    static func sorted(_ standings: [Standing], _ sort: ModelSort) -> [Standing] {
        func value(_ standing: Standing) -> Double? {
            let listing = standing.listing
            return switch sort.key {
            case .score: standing.scores.total.map { Double($0.count) }
            case .downloads: listing.downloads.map(Double.init)
            case .likes: listing.likes.map(Double.init)
            case .trending: listing.trendingScore
            case .delta24h: standing.deltas.downloads24h.value.map(Double.init)
            case .delta7d: standing.deltas.downloads7d.value.map(Double.init)
            case .rankChange: standing.deltas.rankChange.value.map(Double.init)
            case .updated: listing.lastModified.map { Double($0.milliseconds) }
            case .created: listing.createdAt.map { Double($0.milliseconds) }
            case .name: nil
            case .parameters: listing.parameters.map { Double($0.total) }
            }
        }
        return standings.sorted { left, right in
            if sort.key == .name, left.listing.id.name != right.listing.id.name {
                let names = [left, right].map { Array($0.listing.id.name.utf8) }
                return names[0].lexicographicallyPrecedes(names[1]) != sort.descending
            }
            switch (value(left), value(right)) {
            case (nil, nil): return left.listing.id < right.listing.id
            case (nil, _): return false
            case (_, nil): return true
            case (let first?, let second?):
                if first == second { return left.listing.id < right.listing.id }
                return sort.descending ? first > second : first < second
            }
        }
    }

    /// The counts of the menus among some models.
    static func facets(_ filter: ModelFilter, _ standings: [Standing]) -> Facets {
        func listings(without change: (inout ModelFilter) -> Void) -> [Standing] {
            var others = filter
            others.statuses = []
            change(&others)
            return standings.filter { fits(others, $0) }
        }
        func counts<Key: Hashable>(_ standings: [Standing], _ key: (Standing) -> Key?) -> [Key: Int] {
            Dictionary(grouping: standings.compactMap(key)) { $0 }.mapValues(\.count)
        }
        let licensed = listings { ($0.licenses, $0.licenseClasses) = ([], []) }
        return Facets(
            capabilities: Dictionary(
                grouping: listings { _ in }.flatMap { $0.listing.capabilities.map(\.capability) }
            ) { $0 }.mapValues(\.count),
            parameterClasses: counts(listings { $0.parameterClasses = [] }) { $0.listing.parameters?.sizeClass },
            licenseClasses: counts(licensed) { $0.listing.license?.kind },
            gated: counts(listings { $0.gated = [] }) { $0.listing.gated },
            anomalies: listings { $0.anomalies = [] }
                .count { $0.anomaly.downloads == true || $0.anomaly.velocity == true },
            texts: [
                counts(listings { $0.providers = [] }) { $0.listing.provider },
                counts(licensed) { $0.listing.license?.id },
                counts(listings { $0.pipelines = [] }) { $0.listing.pipeline },
                counts(listings { $0.libraries = [] }) { $0.listing.library },
            ])
    }

    /// Choices that no model has are left out.
    struct Facets: Equatable {
        var capabilities: [Capability: Int]
        var parameterClasses: [ParameterClass: Int]
        var licenseClasses: [LicenseClass: Int]
        var gated: [Gated: Int]
        var anomalies: Int
        /// Providers, licences, pipelines and libraries.
        var texts: [[String: Int]]
    }
}

extension RowByRow.Facets {
    init(_ counts: FacetCounts) {
        func some(_ choices: [FacetCounts.Choice]) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: choices.filter { $0.count > 0 }.map { ($0.value, $0.count) })
        }
        self.init(
            capabilities: counts.capabilities.filter { $0.value > 0 },
            parameterClasses: counts.parameterClasses.filter { $0.value > 0 },
            licenseClasses: counts.licenseClasses.filter { $0.value > 0 },
            gated: counts.gated.filter { $0.value > 0 }, anomalies: counts.anomalies,
            texts: [counts.providers, counts.licenses, counts.pipelines, counts.libraries].map(some))
    }
}
