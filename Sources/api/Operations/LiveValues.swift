import JSON
import Model
import Store

/// What changes by itself on the operations page, by key: texts, and values of attributes of its marks. The page and
/// the stream of events take them from here, so both say the same.
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
        add(figures.quota, now: figures.readAt)
        add(figures.cache)
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
        let ends = figures.ends(stage.stage)
        texts["\(name).state"] = condition.rawValue
        texts["\(name).backlog"] = Figures.exact(Int64(stage.waiting))
        add(change: stage.change, to: "\(name).change")
        texts["\(name).oldest"] = stage.oldestReadyAge.map(TimeText.duration) ?? "—"
        texts["\(name).oldest.class"] = stage.isBehind ? "delta bad big" : "delta none"
        texts["\(name).rate"] = Figures.rate(ends.done, inMinutes: figures.minutes)
        texts["\(name).p50"] = ends.p50.map(TimeText.duration) ?? "—"
        texts["\(name).p95"] = ends.p95.map(TimeText.duration) ?? "—"
        texts["\(name).retries"] = Figures.exact(Int64(ends.retried))
        texts["\(name).dead"] = Figures.exact(Int64(stage.dead))
        texts["\(name).running"] = Figures.exact(Int64(stage.running))
        texts["\(name).workers"] = Figures.exact(Int64(figures.workers[stage.stage] ?? 0))
        let bars = BarShape(figures.bars(stage.stage))
        texts["\(name).bars"] = bars.path
        texts["\(name).bars.words"] = bars.words("\(stage.stage.title), jobs done", in: figures.window)
        if let limit = stage.depthLimit {
            let (part, whole) = (Int64(stage.waiting), Int64(limit))
            add(
                Meter(part, of: whole, isCalm: true), to: "\(name).depth",
                words: "Backlog \(Figures.exact(part)) of \(Figures.exact(whole))")
        }
        add(Alert(stage, condition))
    }

    private mutating func add(_ meter: Meter, to key: String, words: String) {
        texts["\(key).width"] = meter.width
        texts["\(key).class"] = meter.style
        texts["\(key).words"] = words
    }

    private mutating func add(_ delta: LiveDelta, to key: String) {
        texts["\(key).class"] = delta.style
        texts["\(key).d"] = delta.path
        texts["\(key).word"] = delta.word
        texts["\(key).text"] = delta.text
    }

    /// Of a backlog: more is no good news.
    private mutating func add(change: Int?, to key: String) {
        add(
            LiveDelta(
                change, text: change.map { Figures.exact(Int64($0.magnitude)) } ?? "—", isGoodUp: false), to: key)
    }

    private mutating func add(_ quota: UpstreamQuota?, now: Timestamp) {
        guard let quota, let remaining = quota.remaining, let limit = quota.quota, limit > 0 else { return }
        let isOver = quota.resetsAt.map { $0 <= now } ?? false
        let used = isOver ? 0 : Int64(max(0, limit - remaining))
        texts["hub.used"] = Figures.exact(used)
        add(
            Meter(used, of: Int64(limit)), to: "hub.quota",
            words: "\(Figures.exact(used)) of \(Figures.exact(Int64(limit))) calls used")
    }

    private mutating func add(_ cache: BodyCache.Figures) {
        let asked = cache.hits + cache.misses
        let share = asked > 0 ? (cache.hits * 1_000 + asked / 2) / asked : nil
        texts["cache.share"] = share.map(LedgerMarks.percent) ?? "none asked for yet"
        texts["cache.size"] = "\(Figures.exact(Int64(cache.entries))) in \(Figures.bytes(Int64(cache.bytes)))"
    }

    private mutating func add(_ alert: Alert) {
        texts["\(alert.subject).alert"] = alert.what
        texts["\(alert.subject).why"] = alert.why
    }

    private mutating func addTotals(_ stages: [StageBacklog], _ figures: OperationsFigures) {
        func sum(_ part: (StageBacklog) -> Int) -> Int { stages.reduce(0) { $0 + part($1) } }
        func text(_ part: (StageBacklog) -> Int) -> String { Figures.exact(Int64(sum(part))) }
        texts["total.backlog"] = text(\.waiting)
        let parts = [(sum(\.ready), "ready"), (sum(\.scheduled), "scheduled"), (sum(\.retrying), "retrying")]
            .filter { $0.0 > 0 }.map { "\(Figures.exact(Int64($0.0))) \($0.1)" }
        texts["total.backlog.note"] = parts.isEmpty ? "Nothing waits" : parts.joined(separator: ", ")
        let changes = stages.compactMap(\.change)
        add(change: changes.count == stages.count ? changes.reduce(0, +) : nil, to: "total.change")
        let oldest = stages.filter { $0.oldestReadyAge != nil }
            .max { ($0.oldestReadyAge ?? .zero) < ($1.oldestReadyAge ?? .zero) }
        texts["total.oldest"] = oldest?.oldestReadyAge.map(TimeText.duration) ?? "—"
        texts["total.oldest.note"] =
            oldest.map { stage in
                stage.stage.title + (stage.objective.map { ", objective \(TimeText.length($0))" } ?? "")
            } ?? "Nothing waits"
        texts["total.dead"] = text(\.dead)
        texts["total.dead.note"] = "\(text(\.died)) in the last hour"
        texts["total.log"] = Figures.bytes(figures.storage.log)
        addEnds(stages, figures)
    }

    /// What the window's attempts came to.
    private mutating func addEnds(_ stages: [StageBacklog], _ figures: OperationsFigures) {
        let ends = stages.map { figures.ends($0.stage) }
        func sum(_ part: (StageEnds) -> Int) -> Int { ends.reduce(0) { $0 + part($1) } }
        texts["total.rate"] = Figures.rate(sum(\.done), inMinutes: figures.minutes)
        let before = stages.reduce(0) { $0 + figures.doneBefore($1.stage) }
        let percent = before > 0 ? Int(((Double(sum(\.done)) / Double(before) - 1) * 100).rounded()) : nil
        add(
            LiveDelta(
                percent, text: percent.map { Figures.short(Int64($0.magnitude)) + "%" } ?? "", isGoodUp: true),
            to: "total.rate.change")
        texts["total.rate.span"] =
            percent == nil ? "None to compare with" : "to the \(figures.window.words) before"
        texts["total.retries"] = Figures.exact(Int64(sum(\.retried)))
        let all = sum { $0.done + $0.retried + $0.died }
        texts["total.retries.note"] =
            all == 0 ? "No attempts in the last \(figures.window.words)" : Figures.share(sum(\.retried), of: all)
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
    /// Jobs a minute, as the mean of some: 212 · 3.4 · 0.1 · 0.
    static func rate(_ count: Int, inMinutes minutes: Int) -> String {
        let tenths = (count * 10 + minutes / 2) / minutes
        if tenths >= 100 { return exact(Int64((count + minutes / 2) / minutes)) }
        if count > 0, tenths == 0 { return "< 0.1" }
        return tenths.isMultiple(of: 10) ? "\(tenths / 10)" : oneDecimal(tenths: Int32(tenths))
    }

    /// "0.15% of attempts", of one at least: two decimals below one percent, else one.
    static func share(_ part: Int, of whole: Int) -> String {
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
