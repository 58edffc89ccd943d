import Deployment
import Model

/// How many parameters a model has, from the best source that there is.
struct ParameterRules: Sendable {
    private let curated: [ModelID: CuratedSize]
    /// By bare name, where all curated models of that name are of one size.
    private let named: [String: CuratedSize]

    init(_ sizes: [CuratedSize]) {
        curated = Dictionary(sizes.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var named: [String: CuratedSize?] = [:]
        for size in sizes {
            let name = BareName.of(size.id.name)
            guard let known = named[name] else {
                named[name] = size
                continue
            }
            if known?.total != size.total { named[name] = .some(nil) }
            if known?.total == size.total, known?.active == nil { named[name] = size }
        }
        self.named = named.compactMapValues { $0 }
    }

    /// - Parameter listing: with its exact count, where the upstream has one, and its parentage.
    func count(of listing: Listing) -> ParameterCount? {
        let parent = listing.parentage
        let ownWeights = parent?.relation != .adapter && listing.library != "peft"
        // The tensors of an adapter are not the model that one runs.
        if ownWeights, let exact = listing.parameters {
            let active = curatedSize(of: listing)?.active ?? named(listing.id)?.active
            return ParameterCount(
                total: exact.total, active: active.flatMap { $0 < exact.total ? $0 : nil }, source: exact.source)
        }
        if let size = curatedSize(of: listing) {
            return ParameterCount(total: size.total, active: size.active, source: .curated)
        }
        if let size = named(listing.id) { return size }
        guard let parent, parent.relation != .merge, parent.relation != .unspecified else { return nil }
        if let size = curated[parent.parent] {
            return ParameterCount(total: size.total, active: size.active, source: .name)
        }
        return named(parent.parent)
    }

    /// The model's own entry, or that of the model whose weights it has packed or adapts.
    private func curatedSize(of listing: Listing) -> CuratedSize? {
        if let own = curated[listing.id] { return own }
        guard let parent = listing.parentage, parent.relation == .quantized || parent.relation == .adapter
        else { return nil }
        return curated[parent.parent]
    }

    /// An estimate from a name alone.
    func named(_ id: ModelID) -> ParameterCount? {
        known(id) ?? SizeName(id.name).map { ParameterCount(total: $0.total, active: $0.active, source: .name) }
    }

    private func known(_ id: ModelID) -> ParameterCount? {
        named[BareName.of(id.name)].map { ParameterCount(total: $0.total, active: $0.active, source: .name) }
    }
}
