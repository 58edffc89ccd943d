/// A value that can be bound to a statement or read from a row.
package enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    package static func integer(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }
    package static func integer(_ value: Int) -> Value { .integer(Int64(value)) }
    package static func integer(_ value: Int?) -> Value { value.map { .integer(Int64($0)) } ?? .null }
    package static func real(_ value: Double?) -> Value { value.map { .real($0) } ?? .null }
    package static func text(_ value: String?) -> Value { value.map { .text($0) } ?? .null }
    package static func blob(_ value: [UInt8]?) -> Value { value.map { .blob($0) } ?? .null }
    package static func flag(_ value: Bool) -> Value { .integer(value ? 1 : 0) }
}
