import HTTPServer
import Jobs
import Model
import Store

/// An act that an operator may do at the page, as the forms write it.
enum OperatorAct: Equatable, Sendable {
    enum Fate: String, Sendable {
        case requeue, discard

        var verb: String { self == .requeue ? "Requeue" : "Discard" }
        var past: String { self == .requeue ? "requeued" : "discarded" }
    }

    /// The jobs that were chosen one by one.
    case jobs(Fate, [JobID])
    /// All dead jobs that a filter lets through.
    case dead(Fate, DeadJobFilter)
    case pause(StageName)
    /// A stage or kind that is paused.
    case resume(String)
    /// What a stage or kind may take from now on.
    case limit(String, LimitChange)
    case webhook(WebhookAct)

    /// Chosen one by one: a page of them, and some that another tab adds.
    static let mostJobs = 100

    /// Reads the fields of a form or a query; `nil` where they ask for nothing that there is.
    init?(_ fields: [QueryItem]) {
        func first(_ name: String) -> String? { fields.first { $0.name == name }?.value }
        // The button of a row names its job.
        for fate in [Fate.requeue, .discard] {
            guard let text = first(fate.rawValue) else { continue }
            guard let id = Int64(text) else { return nil }
            self = .jobs(fate, [JobID(id)])
            return
        }
        let words = (first("act") ?? "").split(separator: "-").map(String.init)
        guard let verb = words.first else { return nil }
        if let fate = Fate(rawValue: verb) {
            if words.last == "all" {
                guard let filter = Self.filter(fields) else { return nil }
                self = .dead(fate, filter)
            } else {
                let numbers = fields.filter { $0.name == "job" }.map { Int64($0.value) }
                let ids = Set(numbers.compactMap(\.self)).sorted().map { JobID($0) }
                guard numbers.count <= Self.mostJobs, !numbers.contains(nil) else { return nil }
                self = .jobs(fate, ids)
            }
            return
        }
        let target = first("target") ?? ""
        switch verb {
        case "webhook":
            guard let act = WebhookAct(words.last ?? "", fields) else { return nil }
            self = .webhook(act)
        case "pause":
            guard let stage = StageName(rawValue: target) else { return nil }
            self = .pause(stage)
        case "resume":
            guard !target.isEmpty, target.utf8.count <= 64 else { return nil }
            self = .resume(target)
        case "limit":
            guard Catalog.stage(of: target) != nil, let change = try? Self.change(of: target, fields) else {
                return nil
            }
            self = .limit(target, change)
        default: return nil
        }
    }

    /// What a form asks of the limits of a stage or kind; an empty field takes a limit away.
    static func change(of target: String, _ fields: [QueryItem]) throws(LimitChange.Fault) -> LimitChange {
        let known = LimitField.fields(of: target)
        return try LimitChange { field in
            guard known.contains(field), let given = fields.first(where: { $0.name == field.rawValue }) else {
                return nil
            }
            let text = given.value.filter { !$0.isWhitespace }
            return text.isEmpty ? "off" : text
        }
    }

    private static func filter(_ fields: [QueryItem]) -> DeadJobFilter? {
        var filter = DeadJobFilter()
        for field in fields {
            switch field.name {
            case "stage":
                guard let stage = StageName(rawValue: field.value) else { return nil }
                filter.stage = stage
            case "error": filter.errorClass = field.value
            case "until":
                guard let moment = Int64(field.value) else { return nil }
                filter.until = Timestamp(milliseconds: moment)
            default: continue
            }
        }
        return filter
    }

    /// Every act has one text, which the confirmation keeps and is read back from.
    var fields: [(name: String, value: String)] {
        switch self {
        case .jobs(let fate, let ids):
            return [(name: "act", value: "\(fate.rawValue)-selected")]
                + ids.map { (name: "job", value: $0.description) }
        case .dead(let fate, let filter):
            var fields = [(name: "act", value: "\(fate.rawValue)-all")]
            if let stage = filter.stage { fields.append((name: "stage", value: stage.rawValue)) }
            if let errorClass = filter.errorClass { fields.append((name: "error", value: errorClass)) }
            if let until = filter.until { fields.append((name: "until", value: String(until.milliseconds))) }
            return fields
        case .webhook(let act): return act.fields
        case .pause(let stage): return [(name: "act", value: "pause"), (name: "target", value: stage.rawValue)]
        case .resume(let target): return [(name: "act", value: "resume"), (name: "target", value: target)]
        case .limit(let target, let change):
            return [(name: "act", value: "limit"), (name: "target", value: target)]
                + LimitField.allCases.compactMap { field in
                    change.texts[field].map { (name: field.rawValue, value: $0) }
                }
        }
    }

    var text: String { QueryText.encode(fields) }

    init?(text: String) {
        let request = Request(
            .post, "/", headers: [HeaderField("Content-Type", "application/x-www-form-urlencoded")],
            body: [UInt8](text.utf8))
        guard let fields = FormBody.fields(of: request) else { return nil }
        self.init(fields)
    }
}
