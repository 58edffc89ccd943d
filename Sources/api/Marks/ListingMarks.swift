import Model

/// How the words of a listing are written on pages.
enum ListingWords {
    /// Two letters that stand for a provider: the first two letters or digits of its name.
    static func monogram(_ provider: String) -> String {
        let letters = provider.unicodeScalars.lazy
            .filter { isLetterOrDigit($0) }
            .prefix(2)
            .map { String(Character($0)) }
        guard let first = letters.first else { return "·" }
        return letters.dropFirst().reduce(first.uppercased()) { $0 + $1.lowercased() }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: !scalar.isASCII && scalar.properties.isAlphabetic
        }
    }
}

extension HTML {
    /// The square with a provider's letters in front of a name; decoration, so hidden from assistive tools.
    static func monogram(_ provider: String) -> HTML {
        #"<span class="mg" aria-hidden="true">\#(ListingWords.monogram(provider))</span>"#
    }

    /// A licence by its known name; those with conditions on use, or of unknown terms, are grey.
    static func licence(_ license: License?) -> HTML {
        guard let license, !license.id.isEmpty else { return unknown("No licence stated") }
        let tone: HTML = license.kind == .permissive ? "" : #" class="soft""#
        return #"<span\#(tone) title="\#(license.id)">\#(license.name ?? license.id)</span>"#
    }
}
