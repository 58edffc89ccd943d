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

    /// The name people know a licence by; ids outside the list are shown as the upstream has them.
    static func licence(_ id: String) -> String {
        licences[id.lowercased()] ?? id
    }

    /// Whether a licence lets everybody use, change and pass on the model.
    static func isPermissive(_ id: String) -> Bool {
        permissive.contains(id.lowercased())
    }

    private static let permissive: Set<String> = [
        "apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-3.0", "isc",
        "unlicense", "afl-3.0", "artistic-2.0", "zlib", "postgresql", "ecl-2.0", "cdla-permissive-2.0",
    ]

    private static let licences = [
        "apache-2.0": "Apache-2.0", "mit": "MIT", "bsd-3-clause": "BSD-3-Clause", "bsd-2-clause": "BSD-2-Clause",
        "cc0-1.0": "CC0 1.0", "cc-by-4.0": "CC BY 4.0", "cc-by-sa-4.0": "CC BY-SA 4.0",
        "cc-by-nc-4.0": "CC BY-NC 4.0", "cc-by-nc-sa-4.0": "CC BY-NC-SA 4.0", "cc-by-nc-nd-4.0": "CC BY-NC-ND 4.0",
        "gpl-2.0": "GPL-2.0", "gpl-3.0": "GPL-3.0", "agpl-3.0": "AGPL-3.0", "lgpl-3.0": "LGPL-3.0",
        "mpl-2.0": "MPL-2.0", "llama2": "Llama 2", "llama3": "Llama 3", "llama3.1": "Llama 3.1",
        "llama3.2": "Llama 3.2", "llama3.3": "Llama 3.3", "llama4": "Llama 4", "gemma": "Gemma",
        "openrail": "OpenRAIL", "openrail++": "OpenRAIL++", "creativeml-openrail-m": "CreativeML OpenRAIL-M",
        "bigscience-openrail-m": "BigScience OpenRAIL-M", "other": "Other", "unknown": "Unknown",
    ]
}

extension HTML {
    /// The square with a provider's letters in front of a name; decoration, so hidden from assistive tools.
    static func monogram(_ provider: String) -> HTML {
        #"<span class="mg" aria-hidden="true">\#(ListingWords.monogram(provider))</span>"#
    }

    /// A licence by its known name; those with conditions on use are grey.
    static func licence(_ id: String?) -> HTML {
        guard let id, !id.isEmpty else { return unknown("No licence stated") }
        let tone: HTML = ListingWords.isPermissive(id) ? "" : #" class="soft""#
        return #"<span\#(tone) title="\#(id)">\#(ListingWords.licence(id))</span>"#
    }
}
