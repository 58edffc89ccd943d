/// The size classes of models; lower bounds are inclusive.
package enum ParameterClass: String, Sendable, CaseIterable {
    case below1B = "lt1b"
    case from1B = "1b-3b"
    case from3B = "3b-8b"
    case from8B = "8b-15b"
    case from15B = "15b-40b"
    case from40B = "40b-100b"
    case from100B = "100b-300b"
    case from300B = "gt300b"

    /// The class of a model with so many parameters in all.
    package init(total: Int64) {
        let billion: Int64 = 1_000_000_000
        switch total {
        case ..<billion: self = .below1B
        case ..<(3 * billion): self = .from1B
        case ..<(8 * billion): self = .from3B
        case ..<(15 * billion): self = .from8B
        case ..<(40 * billion): self = .from15B
        case ..<(100 * billion): self = .from40B
        case ..<(300 * billion): self = .from100B
        default: self = .from300B
        }
    }
}

/// Where a parameter count comes from, best first.
package enum ParameterSource: String, Sendable, CaseIterable {
    /// Headers of the weight files, or an exact count that the upstream made of them.
    case safetensors
    case gguf
    /// The table in `config/parameters.json`.
    case curated
    /// Read from the model's name: an estimate.
    case name
}

/// How many parameters a model has.
package struct ParameterCount: Hashable, Sendable {
    package let total: Int64
    /// Those that one token passes through, for a mixture of experts; `nil` where it is not known.
    package let active: Int64?
    package let source: ParameterSource

    package init(total: Int64, active: Int64? = nil, source: ParameterSource) {
        self.total = total
        self.active = active
        self.source = source
    }

    package var isEstimated: Bool { source == .name }
    package var sizeClass: ParameterClass { ParameterClass(total: total) }
}
