/// A place inside a JSON document, written as RFC 6901 says: `/models/3/id`; the whole document is the empty text.
package struct JSONPointer: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// The whole document.
    package static let root = JSONPointer(text: "")

    private init(text: String) {
        self.text = text
    }

    package init(_ keys: String...) {
        self = keys.reduce(.root) { $0.appending($1) }
    }

    package func appending(_ key: String) -> JSONPointer {
        var escaped = text + "/"
        for scalar in key.unicodeScalars {
            switch scalar {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return JSONPointer(text: escaped)
    }

    package func appending(_ index: Int) -> JSONPointer {
        JSONPointer(text: "\(text)/\(index)")
    }

    package var description: String { text }
}
