import Crypto
import Daemon
import HTTPServer
import Jobs
import Model
import SQLite
import Store

/// Acts on the queue: first a page that says what an act covers, then the act itself, with a token that is good once.
struct OperatorActEndpoints: Sendable {
    /// How long a confirmation may be thought about.
    private static let patience: Duration = .minutes(15)
    private static let firstShown = 5
    private static let batch = 500

    let site: Site
    let answers: Answers
    private var replies: OperatorAnswers { OperatorAnswers(answers) }

    /// Asks once more. The same address by GET is where signing in leads back to.
    func confirm(_ request: Request, _ parameters: Parameters) async -> Response {
        let isForm = request.method == .post
        if isForm, !OperatorGate.isOwnForm(request) { return replies.foreignForm(request) }
        guard let fields = isForm ? FormBody.fields(of: request) : request.query, let act = OperatorAct(fields) else {
            if let page = await limitPage(FormBody.fields(of: request) ?? [], request) { return page }
            return replies.notice("Nothing to do", "The form names no act that there is.", status: 400, request)
        }
        guard let open = site.open else { return replies.unavailable(request) }
        do throws(SQLiteError) {
            guard let who = try await OperatorGate(site: site).signedIn(request, open) else {
                let next = "/ops/confirm" + QueryText.suffix(act.fields)
                return OperatorAnswers.redirect(to: "/ops/sign-in" + QueryText.suffix([(name: "next", value: next)]))
            }
            let now = SystemClock.now()
            let (bound, scope) = try await open.reader.read { db throws(SQLiteError) in
                let bound = try act.bound(at: now, in: db)
                return (bound, try Self.scope(of: bound, from: db))
            }
            guard let scope else {
                return replies.notice("Nothing to do", act.nothing, status: 409, request)
            }
            let token = RandomBytes.generate(32)
            try await open.writer.run(
                Query<Void>.askConfirmation(
                    sha256: SHA256.digest(token).bytes, session: who.session, act: bound.text,
                    expiresAt: now + Self.patience))
            let page = ConfirmationPage(scope: scope, token: Base64.encode(token, .urlSafe))
            let body = page.render(theme: PageEndpoints.theme(request), assets: answers.assets)
            return answers.page(body, isSecret: true, to: request)
        } catch {
            return replies.unavailable(request)
        }
    }

    /// Where an operator says what a stage or kind may take.
    func limit(_ request: Request, _ parameters: Parameters) async -> Response {
        if let page = await limitPage(request.query, request) { return page }
        return replies.notice("Nothing to limit", "There is no such stage or kind.", status: 404, request)
    }

    /// The form for the limits that the fields are about, with what is wrong in them; `nil` where they are about none.
    private func limitPage(_ fields: [QueryItem], _ request: Request) async -> Response? {
        guard let target = fields.first(where: { $0.name == "target" })?.value, Catalog.stage(of: target) != nil,
            request.method == .get || fields.contains(where: { $0.name == "act" && $0.value == "limit" })
        else { return nil }
        guard let open = site.open else { return replies.unavailable(request) }
        do throws(SQLiteError) {
            var page = LimitPage(
                limits: try await open.reader.read { db throws(SQLiteError) in
                    try db.limits(of: target)
                })
            do throws(LimitChange.Fault) {
                _ = try OperatorAct.change(of: target, fields)
            } catch {
                page.fault = error
                for field in LimitField.allCases {
                    page.given[field] = fields.first { $0.name == field.rawValue }.map { String($0.value.prefix(40)) }
                }
            }
            let frame = OperatorFrame(
                title: "Limits of \(LimitsPanel.name(target))", theme: PageEndpoints.theme(request),
                assets: answers.assets)
            return answers.page(
                page.render(frame), status: page.fault == nil ? 200 : 400, isSecret: true, to: request)
        } catch {
            return replies.unavailable(request)
        }
    }

    /// Does what was confirmed.
    func act(_ request: Request, _ parameters: Parameters) async -> Response {
        guard OperatorGate.isOwnForm(request) else { return replies.foreignForm(request) }
        guard let open = site.open else { return replies.unavailable(request) }
        let fields = FormBody.fields(of: request) ?? []
        do throws(SQLiteError) {
            guard let who = try await OperatorGate(site: site).signedIn(request, open) else {
                return OperatorAnswers.redirect(to: "/ops/sign-in")
            }
            let text = fields.first { $0.name == "confirmation" }?.value ?? ""
            let digest = SHA256.digest(Base64.decode(text, .urlSafe) ?? []).bytes
            let found = try await open.reader.run(.confirmation(sha256: digest, session: who.session)).first
            guard let confirmation = found, let act = OperatorAct(text: confirmation.act) else {
                return replies.notice(
                    "Not permitted", "This act was not confirmed in this session. Nothing was changed.", status: 403,
                    request)
            }
            var reason = ""
            if case .pause = act {
                reason = fields.first { $0.name == "reason" }?.value ?? ""
                reason = String(reason.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(200))
                guard !reason.isEmpty else {
                    return replies.notice("A reason is missing", "Say why; everybody sees it.", status: 400, request)
                }
            }
            guard try await !open.writer.run(.useConfirmation(confirmation.id, now: SystemClock.now())).isEmpty else {
                return replies.notice(
                    "Already used",
                    confirmation.isUsed
                        ? "This was confirmed before, and is done once only."
                        : "This confirmation is older than 15 minutes. Ask again.", status: 409, request)
            }
            let length = fields.first { $0.name == "for" }.flatMap { Period(setting: $0.value)?.duration }
            let result = try await carryOut(act, by: who, reason: reason, for: length, open)
            try await open.writer.run(Query<Void>.saveConfirmationResult(confirmation.id, result))
            return OperatorAnswers.redirect(to: "\(act.place)?done=\(confirmation.id)")
        } catch {
            return replies.unavailable(request)
        }
    }

    private func carryOut(
        _ act: OperatorAct, by who: SignedIn, reason: String, for length: Duration?, _ open: Site.Open
    ) async throws(SQLiteError) -> String {
        let queue = QueueOperator(open.writer, name: who.name, now: SystemClock.now)
        switch act {
        case .jobs(let fate, let ids):
            let outcome = try await queue.apply(fate.act, to: ids)
            return sentence(fate, done: outcome.done, refused: outcome.refused.count, outcome.stages)
        case .dead(let fate, let filter):
            var (done, refused, last) = (0, 0, JobID(0))
            var stages: Set<String> = []
            while true {
                let part = try await open.reader.run(.deadJobNumbers(filter, after: last, limit: Self.batch))
                guard let end = part.last else { return sentence(fate, done: done, refused: refused, stages) }
                last = end
                let outcome = try await queue.apply(fate.act, to: part)
                done += outcome.done
                refused += outcome.refused.count
                stages.formUnion(outcome.stages)
            }
        case .pause(let stage):
            let pause = try await queue.pause(stage.rawValue, of: stage, reason: reason, for: length)
            let end = pause.until.map { "until \(TimeText.moment($0))" } ?? "until somebody resumes it"
            return "\(stage.title) is paused \(end)."
        case .resume(let target):
            let wasPaused = try await queue.resume(target)
            if let stage = Catalog.stage(of: target) { site.ring(stage.rawValue) }
            let name = StageName(rawValue: target)?.title ?? target
            return wasPaused ? "\(name) goes on." : "\(name) was not paused any more."
        case .limit(let target, let change):
            try await queue.limit(target, change)
            // Work that waited for room may start.
            if let stage = Catalog.stage(of: target) { site.ring(stage.rawValue) }
            return "The limits of \(LimitsPanel.name(target)) are changed: \(change.words)."
        case .webhook(let act):
            let (now, challenge) = (SystemClock.now(), Challenge(random: RandomBytes.generate))
            let words = try await open.writer.write { db throws(SQLiteError) in
                try act.carryOut(by: who.name, challenge: challenge, now: now, in: db)
            }
            site.ring(StageName.notify.rawValue)
            return words
        }
    }

    private func sentence(
        _ fate: OperatorAct.Fate, done: Int, refused: Int, _ stages: Set<String>
    ) -> String {
        for stage in stages where fate == .requeue { site.ring(stage) }
        let jobs = "\(Figures.exact(Int64(done))) \(done == 1 ? "job" : "jobs")"
        let words = "\(jobs) \(fate.past), \(Figures.exact(Int64(refused))) refused"
        return refused == 0 ? words + "." : words + ": \(fate.act.applies)."
    }

    /// What an act covers now; `nil` where there is nothing that it could change.
    private static func scope(
        of act: OperatorAct, from db: borrowing Connection
    ) throws(SQLiteError) -> ConfirmationPage.Scope? {
        switch act {
        case .jobs(let fate, let ids):
            var dead: [DeadJob] = []
            for id in ids { dead += try db.run(Query<DeadJob>.deadJob(id)) }
            guard !dead.isEmpty else { return nil }
            return .jobs(fate, count: dead.count, first: Array(dead.prefix(firstShown)), of: "Of the jobs you chose.")
        case .dead(let fate, let filter):
            let count = try db.run(.deadJobCount(filter)).first ?? 0
            guard count > 0 else { return nil }
            let first = try db.run(.deadJobs(filter, limit: firstShown, offset: 0))
            return .jobs(fate, count: count, first: first, of: words(of: filter))
        case .pause(let stage):
            guard let backlog = try db.backlog().first(where: { $0.stage == stage }) else { return nil }
            return .pause(stage, waiting: backlog.waiting, running: backlog.running)
        case .resume(let target):
            for stage in try db.backlog() {
                guard let pause = stage.pauses.first(where: { $0.target == target }) else { continue }
                return .resume(pause, waiting: stage.waiting)
            }
            return nil
        case .limit(let target, let change):
            return change.isEmpty ? nil : .limit(try db.limits(of: target), change)
        case .webhook(let act): return try WebhookScope.find(act, in: db).map { .webhook($0) }
        }
    }

    private static func words(of filter: DeadJobFilter) -> String {
        var words = "All dead jobs"
        if let stage = filter.stage { words += " of \(stage.title)" }
        if let errorClass = filter.errorClass { words += " with the error \(DeadJobsPanel.name(errorClass))" }
        return words + ". Those that die from now on are left alone."
    }
}

extension OperatorAct {
    /// The same act, for what is there at a moment: what dies while somebody reads the question is not meant by it.
    fileprivate func bound(at now: Timestamp, in db: borrowing Connection) throws(SQLiteError) -> OperatorAct {
        switch self {
        case .jobs(let fate, let ids):
            var dead: [JobID] = []
            for id in ids where try !db.run(Query<DeadJob>.deadJob(id)).isEmpty { dead.append(id) }
            return .jobs(fate, dead)
        case .dead(let fate, var filter):
            filter.until = now
            return .dead(fate, filter)
        case .limit(let target, let change): return .limit(target, change.without(try db.limits(of: target)))
        case .pause, .resume, .webhook: return self
        }
    }

    /// Why there is nothing to confirm.
    fileprivate var nothing: String {
        switch self {
        case .jobs(_, let ids): ids.isEmpty ? "Select at least one job." : "None of these jobs is dead any more."
        case .dead: "No dead job fits any more."
        case .pause(let stage): "There is no stage \(stage.title)."
        case .resume(let target): "\(target) is not paused any more."
        case .limit(let target, _): "These are the limits of \(LimitsPanel.name(target)) already."
        case .webhook: "The subscription or its delivery is gone, or in this state already."
        }
    }

    /// The page that shows what came of it.
    fileprivate var place: String {
        if case .webhook(let act) = self { act.place } else { "/ops" }
    }
}

extension OperatorAct.Fate {
    fileprivate var act: QueueAct {
        switch self {
        case .requeue: .requeue
        case .discard: .discard
        }
    }
}
