/// Why a text was refused as JSON.
///
/// `byteOffset` counts from the first byte of the text that was parsed and points at the token (or byte) that is wrong;
/// for a truncated text it is the text's length. It is `nil` only where the place has no meaning or cannot be told.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, for callers that answer differently by kind.
    package enum Kind: Sendable {
        case empty
        case malformed
        case truncated
        case trailingContent
        case tooDeep
        case tooLarge
        case invalidUTF8
        case outOfMemory
    }

    package let kind: Kind
    package let byteOffset: Int?
    package let reason: String

    package init(kind: Kind, byteOffset: Int?, reason: String) {
        self.kind = kind
        self.byteOffset = byteOffset
        self.reason = reason
    }

    package var description: String {
        guard let byteOffset else { return reason }
        return "\(reason) at byte \(byteOffset)"
    }
}
