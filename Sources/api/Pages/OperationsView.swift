import Jobs
import Model
import Store

/// What the operations page is drawn from.
struct OperationsView: Sendable {
    /// The dead jobs that the address asks for, and how many there are of each error.
    struct DeadJobs: Sendable {
        var counts: [DeadJobCount] = []
        var jobs: [DeadJob] = []
        var page = PageIndex(requested: 1, total: 0)

        var total: Int { counts.reduce(0) { $0 + $1.jobs } }

        /// Jobs by error class, within a stage if one is given.
        func byError(in stage: StageName?) -> [(name: String, jobs: Int)] {
            let counted = counts.filter { stage == nil || $0.stage == stage?.rawValue }
            return Dictionary(grouping: counted, by: \.errorClass)
                .map { (name: $0.key, jobs: $0.value.reduce(0) { $0 + $1.jobs }) }
                .sorted { $0.name < $1.name }
        }

        func inStage(_ stage: StageName) -> Int {
            counts.filter { $0.stage == stage.rawValue }.reduce(0) { $0 + $1.jobs }
        }
    }

    /// Webhook deliveries, the newest first, and how many of the last day's have ended well.
    struct Deliveries: Sendable {
        var newest: [RecentDelivery] = []
        var ended = 0
        var succeeded = 0
    }

    let figures: OperationsFigures
    var dead = DeadJobs()
    var deliveries = Deliveries()
    /// What every stage may take, each followed by its kinds.
    var limits: [TargetLimits] = []
    var address = OperationsAddress()
    /// Whether the upstream may be called at all.
    var hasUpstream = true
    /// The operator who is signed in.
    var signedIn: String?
    /// What came of the act that led here.
    var result: String?
    var theme = Theme.system
    let assets: AssetCatalog

    var now: Timestamp { figures.readAt }
    var live: LiveValues { LiveValues(figures) }
}

/// The state of the operations page as its query string says it; what is unknown is ignored.
struct OperationsAddress: Equatable, Sendable {
    var window = FigureWindow.hour
    var stage: StageName?
    var errorClass: String?
    var page = 1
    /// The confirmation whose result is shown once.
    var done: Int64?

    init() {}

    init(query pairs: [(name: String, value: String)]) {
        func first(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        window = first("window").flatMap(FigureWindow.init(rawValue:)) ?? .hour
        stage = first("stage").flatMap(StageName.init(rawValue:))
        errorClass = first("error")
        if let page = first("page").flatMap(Int.init), page >= 1 { self.page = page }
        done = first("done").flatMap { Int64($0) }
    }

    var filter: DeadJobFilter { DeadJobFilter(stage: stage, errorClass: errorClass) }

    func with(window: FigureWindow) -> Self {
        var address = self
        (address.window, address.done) = (window, nil)
        return address
    }

    func with(stage: StageName?) -> Self {
        var address = self
        (address.stage, address.page, address.done) = (stage, 1, nil)
        return address
    }

    func with(errorClass: String?) -> Self {
        var address = self
        (address.errorClass, address.page, address.done) = (errorClass, 1, nil)
        return address
    }

    func with(page: Int) -> Self {
        var address = self
        (address.page, address.done) = (page, nil)
        return address
    }

    /// The stream that keeps this state current.
    var events: String {
        "/ops/events" + (window == .hour ? "" : QueryText.suffix([(name: "window", value: window.rawValue)]))
    }

    /// The link to this state: `/ops`, or `/ops?window=24h&stage=fetch&page=2`.
    var path: String {
        var pairs: [(name: String, value: String)] = []
        if window != .hour { pairs.append((name: "window", value: window.rawValue)) }
        if let stage { pairs.append((name: "stage", value: stage.rawValue)) }
        if let errorClass { pairs.append((name: "error", value: errorClass)) }
        if page != 1 { pairs.append((name: "page", value: String(page))) }
        if let done { pairs.append((name: "done", value: String(done))) }
        return "/ops" + QueryText.suffix(pairs)
    }
}
