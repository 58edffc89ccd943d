import HTTPClient
import Jobs
import Model
import SQLite
import Store
import Synchronization
import Telemetry
import TestKit
import Testing

@testable import fetcher

/// A real database with one refresh under way, a stage over it, and an upstream that is a script.
final class FetchRig: Sendable {
    typealias Answer = Result<ClientResponse, ClientError>

    static let root = "https://hub.example"
    static let listing = root + "/api/models?sort=a"

    let place: TemporaryDatabase
    let database: Database
    let time = ManualTime()
    let log = EventLog()
    private let budget: CallBudget
    private let token: String?
    private let watched: Int
    private let answers = Mutex<[Answer]>([])
    private let requests = Mutex<[ClientRequest]>([])

    init(budget: String = "1000/1h", token: String? = nil, watched: Int = 10) throws {
        self.watched = watched
        place = try TemporaryDatabase()
        database = try place.database()
        self.budget = try #require(CallBudget(setting: budget))
        self.token = token
        try place.open().run(Query<Void>.registerFeed("hub", now: time.now()))
    }

    var sent: [ClientRequest] { requests.withLock { $0 } }

    func answer(_ more: Answer...) { answers.withLock { $0 += more } }

    /// Begins an observation and answers its first page's work.
    func begin(
        pagesLeft: Int = 4, listings: [String] = [], models: [String] = []
    ) throws -> FetchPage {
        let id = try place.open().run(
            Query<String>.startRefresh(
                feed: "hub", origin: .upstream, observedAt: time.now(), state: "fetching", now: time.now())
        ).first
        return FetchPage(
            refresh: try #require(id), number: 1, url: Self.listing, pagesLeft: pagesLeft, listings: listings,
            models: models)
    }

    var stage: FetchStage {
        get throws {
            let hub = HubAddress(base: try #require(URLParts(Self.root)))
            let token = token
            return FetchStage(
                database: database, hub: hub,
                budget: BudgetKeeper(
                    database: database, budget: budget, clock: time.sinceBoot, now: time.now,
                    longestCall: .seconds(60)),
                pagesPerListing: 5, watchList: WatchList(limit: watched),
                download: { [self] (request: ClientRequest) async throws(ClientError) -> ClientResponse in
                    requests.withLock { $0.append(request) }
                    let answer = answers.withLock { $0.isEmpty ? nil : $0.removeFirst() }
                    return try (answer ?? .failure(ClientError(.connect, "nothing more was scripted"))).get()
                },
                token: { token }, now: time.now, chance: { 0 })
        }
    }

    /// Runs one page and stores what the stage wants stored, as a worker does.
    func fetch(_ work: FetchPage, attempt: Int = 1, isLast: Bool = false) async throws -> StageResult {
        let result = try await stage.run(
            work, JobContext(job: JobID(1), attempt: attempt, isLastAttempt: isLast, log: log.logger))
        try place.open().transaction { db throws(SQLiteError) in
            for write in result.writes { try write.apply(to: db) }
        }
        return result
    }

    /// Runs a page and all that follow it, and answers what comes after the last.
    func fetchAll(_ work: FetchPage) async throws -> StageResult {
        var result = try await fetch(work)
        while let next = result.next.first, next.kind == FetchPage.name {
            result = try await fetch(FetchPage(payload: next.payload, version: next.payloadVersion))
        }
        return result
    }

    func pages(of work: FetchPage) throws -> [Page] {
        try place.open().run(Query<Page>.pages(of: work.refresh))
    }

    func refresh(_ work: FetchPage) throws -> Refresh {
        try #require(try place.open().run(Query<Refresh>.refresh(id: work.refresh)).first)
    }

    func component() throws -> Component? {
        try place.open().run(Query<Component>.components()).first { $0.name == "huggingFaceFetch" }
    }
}

extension StageResult {
    /// The page that comes next; `nil` where something else does.
    var nextPage: FetchPage? {
        get throws {
            guard let job = next.first, job.kind == FetchPage.name else { return nil }
            return try FetchPage(payload: job.payload, version: job.payloadVersion)
        }
    }
}

extension Result where Success == ClientResponse, Failure == ClientError {
    static func status(_ status: Int, _ headers: [HeaderLine] = [], body: String = "") -> Self {
        .success(ClientResponse(status: status, headers: ResponseHeaders(headers), body: [UInt8](body.utf8)))
    }

    static func rows(_ ids: String..., next: String? = nil, etag: String? = nil) -> Self {
        var headers: [HeaderLine] = []
        if let next { headers.append(HeaderLine("Link", "<\(next)>; rel=\"next\"")) }
        if let etag { headers.append(HeaderLine("ETag", etag)) }
        let body = "[" + ids.map { #"{"id":"\#($0)"}"# }.joined(separator: ",") + "]"
        return .status(200, headers, body: body)
    }
}
