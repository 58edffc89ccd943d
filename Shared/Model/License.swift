/// What a licence permits, in four words.
package enum LicenseClass: String, Sendable, CaseIterable {
    /// Any use, with notices kept.
    case permissive
    /// Any use; what is derived stays under the same licence.
    case copyleft
    /// No commercial use.
    case noncommercial
    /// Terms of its own, such as limits on use or on users.
    case custom
}

/// The licence of a model.
package struct License: Hashable, Sendable {
    /// As the upstream names it, such as `apache-2.0`; `other` where only the name says more.
    package let id: String
    /// A name for people, or the name that the card gives to an `other`; `nil` where neither is known.
    package let name: String?
    /// `nil` where nothing is known about the terms.
    package let kind: LicenseClass?

    package init(id: String, name: String? = nil, kind: LicenseClass? = nil) {
        self.id = id
        self.name = name
        self.kind = kind
    }
}
