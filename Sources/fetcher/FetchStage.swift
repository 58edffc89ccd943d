import Compression
import Crypto
import HTTPClient
import JSON
import Jobs
import Model
import SQLite
import Store
import Telemetry

/// Gets one body from the upstream, keeps it as it is, and says what to get next.
///
/// A page that cannot be had costs itself: the refresh goes on with the next listing, and says what is missing.
struct FetchStage: Stage {
    let database: Database
    let hub: HubAddress
    let budget: BudgetKeeper
    let pagesPerListing: Int
    let watchList: WatchList
    let download: @Sendable (ClientRequest) async throws(ClientError) -> ClientResponse
    let token: @Sendable () -> String?
    let now: @Sendable () -> Timestamp
    let chance: @Sendable () -> Double

    func run(_ work: FetchPage, _ context: JobContext) async throws(JobFailure) -> StageResult {
        let known = try await stored(work)
        guard known.isFetching else {
            return StageResult(end: .cancelled(reason: "the refresh \(work.refresh) is over"))
        }
        if known.isOvertaken { return overtaken(work) }
        let call: Int64
        switch try await reserve() {
        case .granted(let granted): call = granted
        case .denied(let wait, let reason):
            return StageResult(end: .snoozed(until: now() + wait, reason: reason))
        }
        var fetched = await get(work.url, validator: known.previous?.etag)
        try await settle(call)
        var calls = 1
        if case .success(let response) = fetched, case .moved(let link) = answer(response), work.model != nil,
            let target = hub.following(link, from: work.url)
        {
            switch try await reserve() {
            case .granted(let second):
                fetched = await get(target, validator: nil)
                try await settle(second)
                calls += 1
            case .denied(let wait, let reason):
                // Asked again as a whole: nobody remembers where the model has moved to.
                return StageResult(
                    end: .snoozed(until: now() + wait, reason: reason),
                    writes: [Query<Void>.countCalls(refresh: work.refresh, calls: calls)])
            }
        }
        if Task.isCancelled, case .failure = fetched { throw .interrupted }
        var result = try await judge(fetched, work, known, context)
        result.writes.append(Query<Void>.countCalls(refresh: work.refresh, calls: calls))
        if case .success(let response) = fetched, let quota = UpstreamAnswer.Quota(response.headers) {
            result.writes.append(
                Query<Void>.saveQuota(
                    remaining: quota.remaining, quota: quota.quota,
                    resetsAt: now() + .seconds(Int64(quota.resetSeconds)), seenAt: now()))
        }
        return result
    }

    // What an answer means for the job.

    private func judge(
        _ fetched: Result<ClientResponse, ClientError>, _ work: FetchPage, _ known: Known, _ context: JobContext
    ) async throws(JobFailure) -> StageResult {
        let response: ClientResponse
        switch fetched {
        case .success(let answered): response = answered
        case .failure(let error):
            return try await later(
                work, context, after: nil, errorClass: error.kind.rawValue, "\(error)", status: 0, body: [])
        }
        let status = response.status
        switch answer(response) {
        case .page:
            return try await keep(response, work, context)
        case .notModified:
            guard let previous = known.previous else {
                return try await lost(work, "304 without a validator", status: status, body: [])
            }
            return try await unchanged(previous, work)
        case .quotaExhausted(let until):
            let reason = "the upstream's quota is used up"
            return StageResult(
                end: .snoozed(until: until, reason: reason),
                writes: [BlockUpstream(until: until, reason: reason, traceParent: context.traceParent, now: now())],
                wakes: [StageName.notify.rawValue])
        case .throttled(let after):
            return try await later(
                work, context, after: after, errorClass: "edge_throttle", "the edge answered 429", status: status,
                body: response.body)
        case .unavailable(let after):
            return try await later(
                work, context, after: after, errorClass: "http_\(status)", "the upstream answered \(status)",
                status: status, body: response.body)
        case .moved, .refused:
            guard work.model == nil else {
                return try await goOn(work, page: page(of: response, work, next: nil), next: nil)
            }
            return try await lost(work, "the upstream answered \(status)", status: status, body: response.body)
        }
    }

    /// A good page: kept, and followed.
    private func keep(
        _ response: ClientResponse, _ work: FetchPage, _ context: JobContext
    ) async throws(JobFailure) -> StageResult {
        // A row that is not JSON costs itself; asking again would bring it again.
        let isWhole = (try? JSONRows(parsing: response.body, under: "models")) != nil
        if !isWhole, !context.isLastAttempt, context.attempt < 3 {
            return retry(work, context, after: nil, errorClass: "malformed", "the page is not JSON")
        }
        var next: String?
        var faults: [String] = isWhole ? [] : ["page \(work.number) is not JSON"]
        if work.model == nil, let link = response.headers.all("Link").lazy.compactMap({ LinkHeader.next(in: $0) }).first
        {
            next = hub.following(link, from: work.url)
            if next == nil {
                faults.append("page \(work.number) links to another host: not followed")
                context.log.log(.warning, "next link refused", ["refresh": work.refresh, "page": "\(work.number)"])
            }
        }
        var page = page(of: response, work, next: next)
        if !isWhole { page = page.withoutValidator }
        return try await goOn(work, page: page, next: next, faults: faults)
    }

    /// The page is as it was: the stored body stands for this observation too.
    private func unchanged(_ previous: Page, _ work: FetchPage) async throws(JobFailure) -> StageResult {
        let page = Page(
            refresh: work.refresh, number: work.number, url: work.url, model: work.model, status: 304,
            etag: previous.etag, nextURL: previous.nextURL, fetchedAt: now(), sha256: previous.sha256,
            rawBytes: previous.rawBytes, bodyGzip: previous.bodyGzip)
        return try await goOn(work, page: page, next: previous.nextURL)
    }

    /// Tries again by the kind's policy; after the last attempt the page is given up, its job is dead, and the refresh
    /// goes on.
    private func later(
        _ work: FetchPage, _ context: JobContext, after: Duration?, errorClass: String, _ reason: String, status: Int,
        body: [UInt8]
    ) async throws(JobFailure) -> StageResult {
        guard context.isLastAttempt else {
            return retry(work, context, after: after, errorClass: errorClass, reason)
        }
        var result = try await lost(work, reason, status: status, body: body)
        if result.end == .done { result.end = .dead(errorClass: errorClass, reason: reason) }
        return result
    }

    private func retry(
        _ work: FetchPage, _ context: JobContext, after: Duration?, errorClass: String, _ reason: String
    ) -> StageResult {
        let wait = FetchPage.retry.wait(afterAttempt: context.attempt, jitter: chance())
        return StageResult(
            end: .retry(at: now() + max(wait, after ?? .zero), errorClass: errorClass, reason: reason))
    }

    /// A page that cannot be had: what the upstream answered is kept as evidence.
    private func lost(
        _ work: FetchPage, _ reason: String, status: Int, body: [UInt8]
    ) async throws(JobFailure) -> StageResult {
        let page = Page(
            refresh: work.refresh, number: work.number, url: work.url, model: work.model, status: status,
            fetchedAt: now(), sha256: SHA256.digest(body).bytes, rawBytes: body.count, bodyGzip: Gzip.compress(body))
        return try await goOn(work, page: page, next: nil, faults: ["page \(work.number): \(reason)"])
    }

    // What comes after a page.

    private func goOn(
        _ work: FetchPage, page: Page, next: String?, faults: [String] = []
    ) async throws(JobFailure) -> StageResult {
        var result = StageResult(writes: [Query<Void>.savePage(page)])
        result.writes += faults.map { Query<Void>.noteRefreshError(work.refresh, $0) }
        if let next, work.pagesLeft > 0 {
            result.next = [continued(work.following(next))]
        } else if work.pace != nil {
            endWalk(work, isWhole: next == nil && faults.isEmpty, into: &result)
        } else if let listing = work.listings.first {
            result.next = [work.turningTo(listing, pagesLeft: pagesPerListing - 1).job()]
        } else {
            try await finish(work, page, into: &result)
        }
        return result
    }

    /// After the last listing: curated and watched models that no page has are asked for, then the snapshot is made.
    private func finish(_ work: FetchPage, _ page: Page, into result: inout StageResult) async throws(JobFailure) {
        var missing = work.models
        if work.model == nil {
            let covered = try await covered(by: page)
            guard covered.hasListing else {
                let reason = "no page of any listing could be had"
                result.writes += [
                    Query<Void>.setRefreshState(work.refresh, state: "failed", error: reason, endedAt: now()),
                    Query<Void>.reportComponent("huggingFaceFetch", status: "failed", lastError: reason, now: now()),
                ]
                result.end = .dead(errorClass: "upstream", reason: reason)
                return
            }
            missing = work.models.filter { !covered.contains($0) }
            let moment = now()
            let choice = try await reading { db throws(SQLiteError) in
                try watchList.choose(feed: "hub", covered: covered, at: moment, from: db)
            }
            missing += choice.models.filter { !missing.contains($0) }
            result.writes += choice.models.map { Query<Void>.noteAsked($0, feed: "hub", at: moment) }
            result.writes += choice.hinted.map { Query<Void>.followHint($0, before: moment) }
        }
        if let model = missing.first {
            result.next = [work.asking(model, at: hub.model(model), rest: Array(missing.dropFirst())).job()]
            return
        }
        result.next = [NormalizeRefresh(refresh: work.refresh).job()]
        result.writes += [
            Query<Void>.setRefreshState(work.refresh, state: "fetched"),
            Query<Void>.reportFetch(work.refresh, now: now()),
        ]
    }

    private func page(of response: ClientResponse, _ work: FetchPage, next: String?) -> Page {
        Page(
            refresh: work.refresh, number: work.number, url: work.url, model: work.model, status: response.status,
            etag: response.headers.first("ETag"), nextURL: next, fetchedAt: now(),
            sha256: SHA256.digest(response.body).bytes, rawBytes: response.body.count,
            bodyGzip: Gzip.compress(response.body))
    }

    private func answer(_ response: ClientResponse) -> UpstreamAnswer {
        UpstreamAnswer(status: response.status, headers: response.headers, now: now())
    }
}

extension FetchStage {
    /// What the database knows before the call.
    private struct Known: Sendable {
        let isFetching: Bool
        let previous: Page?
        /// Whether the counters have moved since a walk over the whole Hub began.
        let isOvertaken: Bool
    }

    private func stored(_ work: FetchPage) async throws(JobFailure) -> Known {
        try await reading { db throws(SQLiteError) in
            let refresh = try db.run(.refresh(id: work.refresh)).first
            let isWalk = work.pace != nil
            var isOvertaken = false
            if isWalk, let startedAt = refresh?.startedAt, let epoch = try db.run(.newestEpoch(feed: "hub")).first {
                isOvertaken = epoch > startedAt
            }
            // A page of a walk has an address that no other walk asks for.
            let previous = work.model == nil && !isWalk ? try db.run(.newestPage(url: work.url)).first : nil
            return Known(
                isFetching: refresh?.state == "fetching", previous: previous, isOvertaken: isOvertaken)
        }
    }

    /// The models of an observation whose last page is at hand; one page is in memory at a time.
    private func covered(by last: Page) async throws(JobFailure) -> CoveredModels {
        try await reading { db throws(SQLiteError) in
            var covered = CoveredModels()
            try db.each(.pages(of: last.refresh)) { covered.add($0) }
            covered.add(last)
            return covered
        }
    }

    private func reading<Found: Sendable>(
        _ body: @Sendable (borrowing Connection) throws(SQLiteError) -> Found
    ) async throws(JobFailure) -> Found {
        do throws(SQLiteError) {
            return try await database.read(body)
        } catch {
            throw .transient("database", "\(error)")
        }
    }

    private func reserve() async throws(JobFailure) -> BudgetKeeper.Answer {
        do throws(SQLiteError) {
            return try await budget.reserve()
        } catch {
            throw .transient("database", "\(error)")
        }
    }

    private func settle(_ call: Int64) async throws(JobFailure) {
        do throws(SQLiteError) {
            try await budget.settle(call)
        } catch {
            throw .transient("database", "\(error)")
        }
    }

    private func get(_ url: String, validator: String?) async -> Result<ClientResponse, ClientError> {
        var request = ClientRequest("GET", url, headers: [HeaderLine("Accept", "application/json")])
        request.totalTimeout = budget.longestCall
        request.maximumBodyBytes = 64 << 20
        if let validator { request.headers.append(HeaderLine("If-None-Match", validator)) }
        if let token = token() { request.headers.append(HeaderLine("Authorization", "Bearer \(token)")) }
        do throws(ClientError) {
            return .success(try await download(request))
        } catch {
            return .failure(error)
        }
    }
}

extension FetchPage {
    /// The next page of the same listing.
    fileprivate func following(_ url: String) -> FetchPage {
        FetchPage(
            refresh: refresh, number: number + 1, url: url, pagesLeft: pagesLeft - 1, listings: listings,
            models: models, pace: pace)
    }

    /// The first page of the next listing.
    fileprivate func turningTo(_ url: String, pagesLeft: Int) -> FetchPage {
        FetchPage(
            refresh: refresh, number: number + 1, url: url, pagesLeft: pagesLeft, listings: Array(listings.dropFirst()),
            models: models)
    }

    /// One model by itself.
    fileprivate func asking(_ model: String, at url: String, rest: [String]) -> FetchPage {
        FetchPage(refresh: refresh, number: number + 1, url: url, pagesLeft: 0, model: model, models: rest)
    }
}

extension Page {
    /// A page that must be fetched anew next time.
    fileprivate var withoutValidator: Page {
        Page(
            refresh: refresh, number: number, url: url, model: model, status: status, etag: nil, nextURL: nextURL,
            fetchedAt: fetchedAt, sha256: sha256, rawBytes: rawBytes, bodyGzip: bodyGzip)
    }
}
