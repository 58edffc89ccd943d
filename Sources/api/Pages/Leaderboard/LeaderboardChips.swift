import Deployment
import Model

/// The row under the bar: what is selected, each with a link that takes it away; or, where nothing is, what the score
/// is made of.
enum LeaderboardChips {
    /// One thing that is selected.
    struct Chip: Equatable {
        let key: String
        let words: String
        /// The same selection without it.
        let address: LeaderboardAddress
    }

    static func draw(_ page: inout HTML, _ view: LeaderboardView) {
        let chips = chips(of: view.address)
        page += #"<div class="chips">"#
        if chips.isEmpty {
            weights(&page, view.profile)
        } else {
            for chip in chips {
                page += #"""
                    <a class="chip" href="\#(chip.address.path)" data-nav><span class="k">\#(chip.key)</span> \#
                    <bdi>\#(chip.words)</bdi>\#(.icon("i-x"))<span class="vh">, take away</span></a>
                    """#
            }
            let all = view.address.with { $0.filter = ModelFilter() }.path
            page += #"<a class="btn ghost small" href="\#(all)" data-nav data-clear>Clear all</a>"#
        }
        page += "</div>\n"
    }

    /// Everything that is selected, in the order of the address.
    static func chips(of address: LeaderboardAddress) -> [Chip] {
        var chips: [Chip] = []
        func add(_ key: String, _ words: String, _ change: (inout ModelFilter) -> Void) {
            chips.append(Chip(key: key, words: words, address: address.with { change(&$0.filter) }))
        }
        func add<Value: Equatable>(
            _ key: String, _ place: WritableKeyPath<ModelFilter, [Value]>, _ words: (Value) -> String
        ) {
            for value in address.filter[keyPath: place] {
                add(key, words(value)) { $0[keyPath: place].removeAll { $0 == value } }
            }
        }
        if !address.filter.words.isEmpty {
            add("Name has", address.filter.words.joined(separator: " ")) { $0.words = [] }
        }
        add("Capability", \.capabilities) { $0.words }
        add("Provider", \.providers) { $0 }
        add("Licence", \.licenseClasses) { $0.words }
        add("Licence", \.licenses) { $0 }
        add("Parameters", \.parameterClasses) { $0.words }
        add("Family of", \.families) { $0 }
        add("Made as", \.relations) { $0.words }
        add("Library", \.libraries) { $0 }
        add("Task", \.pipelines) { $0 }
        add("Access", \.gated) { $0.words }
        add("Visibility", \.access) { $0.rawValue }
        add("Anomaly", \.anomalies) { $0 == .any ? "stands out today" : $0.rawValue }
        add("Status", \.statuses) { $0.rawValue }
        if let least = address.filter.minDownloads {
            add("Downloads from", Figures.exact(least)) { $0.minDownloads = nil }
        }
        if let least = address.filter.minLikes { add("Likes from", Figures.exact(least)) { $0.minLikes = nil } }
        if let since = address.filter.updatedSince {
            add("Updated since", TimeText.date(since)) { $0.updatedSince = nil }
        }
        if let since = address.filter.createdSince {
            add("Created since", TimeText.date(since)) { $0.createdSince = nil }
        }
        return chips
    }

    private static func weights(_ page: inout HTML, _ profile: ScoreProfile) {
        page += #"<span class="soft">The profile <b>\#(profile.words)</b> weighs</span>"#
        let parts: [(HTML, HTML, Int)] = [
            ("s1", "Adoption", profile.weights.adoption), ("s2", "Ecosystem", profile.weights.ecosystem),
            ("s3", "Velocity", profile.weights.velocity),
        ]
        for (series, name, weight) in parts {
            page += #"""
                <span class="weight"><svg width="\#(max(4, weight * 60 / 1_000))" height="8" aria-hidden="true">\#
                <rect class="\#(series)" width="100%" height="8" rx="2"/></svg>\#(name) \#
                <b class="num">\#(Self.percent(weight))</b></span>
                """#
        }
    }

    /// A share in thousandths: 45% or 12.5%.
    static func percent(_ thousandths: Int) -> String {
        thousandths.isMultiple(of: 10)
            ? "\(thousandths / 10)%" : Figures.oneDecimal(tenths: Int32(thousandths)) + "%"
    }
}

extension ScoreProfile {
    /// The name with a capital letter; the usual one says what it is.
    var words: String {
        name == ScoreProfiles.defaultName ? "Balanced" : name.prefix(1).uppercased() + name.dropFirst()
    }
}
