/// How a model was made from its parent.
package enum Relation: String, Sendable, CaseIterable {
    case finetune
    case quantized
    case adapter
    case merge
    /// The upstream names a parent and not how.
    case unspecified
}

/// What a model's parent was learned from, most trusted first.
package enum LineageSource: String, Sendable, CaseIterable {
    case baseModels
    case tag
    case cardData
    case peft
    case modelType
    case curated
}

/// The model that another one was made from.
package struct Parentage: Hashable, Sendable {
    package let parent: ModelID
    package let relation: Relation
    package let source: LineageSource

    package init(parent: ModelID, relation: Relation, source: LineageSource) {
        self.parent = parent
        self.relation = relation
        self.source = source
    }
}

/// Where a model stands in its family: the root that its parents lead to, and the step to its own parent.
package struct FamilyPlace: Hashable, Sendable {
    /// The model itself where it has no known parent. It may have no listing of its own.
    package let root: ModelID
    /// `nil` for the root itself.
    package let parentage: Parentage?

    package init(root: ModelID, parentage: Parentage?) {
        self.root = root
        self.parentage = parentage
    }
}
