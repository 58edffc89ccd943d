import Deployment
import Model

/// What follows about a model from what its upstream says of it and from the curated tables. Pure.
struct ModelFacts: Sendable {
    private let lineage: LineageRules
    private let licenses: LicenseRules
    private let parameters: ParameterRules
    private let capabilities: CapabilityRules

    init(sizes: [CuratedSize], licenses: LicenseTable, capabilities: CapabilityTable, parents: ParentTable) {
        lineage = LineageRules(parents)
        self.licenses = LicenseRules(licenses)
        parameters = ParameterRules(sizes)
        self.capabilities = CapabilityRules(capabilities)
    }

    init(_ folder: DeploymentFolder) throws(DeploymentError) {
        self.init(
            sizes: try folder.sizes(), licenses: try folder.licenses(), capabilities: try folder.capabilities(),
            parents: try folder.parents())
    }

    /// The listing with every fact that can be derived; the order matters, since later facts rest on earlier ones.
    func complete(_ row: HubRow) -> Listing {
        var listing = row.listing
        listing.parentage = lineage.parentage(of: listing.id, stated: listing.parentage, modelType: row.modelType)
        listing.license = licenses.license(listing.license)
        listing.parameters = parameters.count(of: listing)
        listing.capabilities = capabilities.claims(of: listing, modelType: row.modelType)
        return listing
    }
}
