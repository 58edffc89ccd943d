import Deployment
import TestKit

@testable import normalizer

extension ModelFacts {
    /// Nothing is curated: what the upstream states, and what follows from names.
    static let none = ModelFacts(
        sizes: [], licenses: LicenseTable(), capabilities: CapabilityTable(), parents: ParentTable())

    /// The tables that a deployment starts with.
    static func shipped() throws -> ModelFacts { try ModelFacts(shippedFolder) }
}

/// The configuration folder of the repository.
let shippedFolder = DeploymentFolder(path: Repository.root + "/config")
