import JSON
import Model
import Store

/// The texts of the operations page that change by themselves, by key. The page and the stream of events take them
/// from here, so both say the same.
struct LiveValues: LiveContent, Equatable {
    private(set) var texts: [String: String] = [:]

    init(_ figures: OperationsFigures) {
        let stages = figures.backlog
        for stage in stages { add(stage, figures) }
        addTotals(stages, figures)
        let died = stages.reduce(0) { $0 + $1.died }
        let alerts = [
            Alert(dead: stages.reduce(0) { $0 + $1.dead }, inTheLastHour: died),
            Alert(quota: figures.quota, now: figures.readAt),
        ]
        for alert in alerts { add(alert) }
    }

    subscript(key: String) -> String { texts[key] ?? "" }

    /// The texts that differ from `other`, or are not in it.
    func changes(since other: LiveValues?) -> [(key: String, text: String)] {
        texts.filter { other?.texts[$0.key] != $0.value }
            .sorted { $0.key < $1.key }
            .map { (key: $0.key, text: $0.value) }
    }

    private mutating func add(_ stage: StageBacklog, _ figures: OperationsFigures) {
        let name = stage.stage.rawValue
        let condition = StageCondition(stage, isListening: figures.listening.contains(stage.stage))
        texts["\(name).state"] = condition.rawValue
        texts["\(name).backlog"] = Figures.exact(Int64(stage.waiting))
        texts["\(name).oldest"] = stage.oldestReadyAge.map(TimeText.duration) ?? "—"
        texts["\(name).rate"] = Figures.rate(perHour: stage.done)
        texts["\(name).p50"] = stage.p50.map(TimeText.duration) ?? "—"
        texts["\(name).p95"] = stage.p95.map(TimeText.duration) ?? "—"
        texts["\(name).retries"] = Figures.exact(Int64(stage.retried))
        texts["\(name).dead"] = Figures.exact(Int64(stage.dead))
        texts["\(name).running"] = Figures.exact(Int64(stage.running))
        add(Alert(stage, condition))
    }

    private mutating func add(_ alert: Alert) {
        texts["\(alert.subject).alert"] = alert.what
        texts["\(alert.subject).why"] = alert.why
    }

    private mutating func addTotals(_ stages: [StageBacklog], _ figures: OperationsFigures) {
        func sum(_ part: (StageBacklog) -> Int) -> Int { stages.reduce(0) { $0 + part($1) } }
        func text(_ part: (StageBacklog) -> Int) -> String { Figures.exact(Int64(sum(part))) }
        texts["total.backlog"] = text(\.waiting)
        texts["total.backlog.note"] =
            "\(text(\.ready)) ready, \(text(\.scheduled)) scheduled, \(text(\.retrying)) retrying"
        let oldest = stages.filter { $0.oldestReadyAge != nil }
            .max { ($0.oldestReadyAge ?? .zero) < ($1.oldestReadyAge ?? .zero) }
        texts["total.oldest"] = oldest?.oldestReadyAge.map(TimeText.duration) ?? "—"
        texts["total.oldest.note"] =
            oldest.map { stage in
                stage.stage.title + (stage.objective.map { ", objective \(TimeText.length($0))" } ?? "")
            } ?? "Nothing waits"
        texts["total.rate"] = Figures.rate(perHour: sum(\.done))
        texts["total.retries"] = text(\.retried)
        texts["total.retries.note"] = Figures.share(sum(\.retried), of: sum { $0.done + $0.retried + $0.died })
        texts["total.dead"] = text(\.dead)
        texts["total.dead.note"] = "\(text(\.died)) in the last hour"
        texts["total.log"] = Figures.bytes(figures.storage.log)
    }

    /// One server-sent event with the changed texts; `nil` where nothing has changed.
    static func event(from before: LiveValues?, to after: LiveValues) -> [UInt8]? {
        let changes = after.changes(since: before)
        guard !changes.isEmpty else { return nil }
        var json = JSONWriter()
        json.beginObject()
        for change in changes {
            json.key(text: change.key)
            json.string(change.text)
        }
        json.endObject()
        return [UInt8]("data: ".utf8) + json.finished() + [UInt8]("\n\n".utf8)
    }
}

extension Figures {
    /// Jobs a minute, as the mean of an hour: 212 · 3.4 · 0.1 · 0.
    static func rate(perHour count: Int) -> String {
        let tenths = (count * 10 + 30) / 60
        if tenths >= 100 { return exact(Int64((count + 30) / 60)) }
        if count > 0, tenths == 0 { return "< 0.1" }
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : oneDecimal(tenths: Int32(tenths))
    }

    /// "0.15% of attempts": two decimals below one percent, else one.
    static func share(_ part: Int, of whole: Int) -> String {
        guard whole > 0 else { return "No attempts in the last hour" }
        guard part > 0 else { return "0% of attempts" }
        let hundredths = (part * 10_000 + whole / 2) / whole
        if hundredths >= 100 { return "\(oneDecimal(tenths: Int32((hundredths + 5) / 10)))% of attempts" }
        if hundredths == 0 { return "< 0.01% of attempts" }
        return "0.\(hundredths < 10 ? "0" : "")\(hundredths)% of attempts"
    }

    /// 512 B · 4.1 kB · 38 MB · 1.2 GB, in steps of a thousand.
    static func bytes(_ count: Int64) -> String {
        var (value, unit) = (Double(max(0, count)), 0)
        let units = ["B", "kB", "MB", "GB", "TB"]
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1_000, unit + 1) }
        if unit == 0 || value >= 9.95 { return "\(Int(value.rounded())) \(units[unit])" }
        return "\(oneDecimal(tenths: Int32((value * 10).rounded()))) \(units[unit])"
    }
}
