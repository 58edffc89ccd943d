import Model

/// What `up` decides about its children: when to start which, when to stop which, and how it ends.
///
/// A value without clock and processes: events and the time come in, actions go out. Time is any rising `Duration`.
struct Supervision: Sendable {
    enum Action: Equatable, Sendable {
        case start(Formation.Member)
        /// Ask to stop (SIGTERM).
        case ask(Formation.Member)
        /// Stop now (SIGKILL).
        case kill(Formation.Member)
        /// A child ended that should not have; it is started again after the wait.
        case report(Formation.Member, status: Int32, restartIn: Duration)
        /// A child says that its settings are wrong, so everything stops.
        case giveUp(Formation.Member)
    }

    static let wrongSettings: Int32 = 78
    static let firstWait: Duration = .seconds(1)
    static let longestWait: Duration = .seconds(30)
    /// A child that has lived this long is well: its next death counts as the first.
    static let wellAfter: Duration = .seconds(60)
    /// How long a child that is asked to stop may take: longer than a request or a batch of jobs, and jobs are leased.
    static let stopDeadline: Duration = .seconds(10)

    private struct Life {
        var isRunning = false
        var startedAt: Duration = .zero
        var deaths = 0
        var startAt: Duration?
        var killAt: Duration?
    }

    private let members: [Formation.Member]
    private var lives: [Formation.Member: Life]
    private var isStopping = false
    private(set) var verdict = ExitStatus.fine

    init(_ formation: Formation, at now: Duration) {
        members = formation.members
        lives = Dictionary(uniqueKeysWithValues: formation.members.map { ($0, Life(startAt: now)) })
    }

    /// All children are gone and none will be started.
    var hasEnded: Bool { isStopping && lives.values.allSatisfy { !$0.isRunning } }

    /// When ``due(at:)`` has something to say, if nothing happens before.
    var nextDue: Duration? {
        lives.values.compactMap { [$0.startAt, $0.killAt].compactMap(\.self).min() }.min()
    }

    /// What is to be done because of the time.
    mutating func due(at now: Duration) -> [Action] {
        var actions: [Action] = []
        for member in members {
            guard var life = lives[member] else { continue }
            if let moment = life.startAt, moment <= now {
                life = Life(isRunning: true, startedAt: now, deaths: life.deaths)
                actions.append(.start(member))
            }
            if let moment = life.killAt, moment <= now {
                life.killAt = nil
                actions.append(.kill(member))
            }
            lives[member] = life
        }
        return actions
    }

    /// A child has ended, or could not be started.
    mutating func ended(_ member: Formation.Member, status: Int32, at now: Duration) -> [Action] {
        guard var life = lives[member], life.isRunning else { return [] }
        life.isRunning = false
        life.killAt = nil
        if isStopping {
            lives[member] = life
            return askNext(at: now)
        }
        if status == Self.wrongSettings {
            lives[member] = life
            verdict = .wrongSettings
            return [.giveUp(member)] + stop(at: now)
        }
        life.deaths = now - life.startedAt >= Self.wellAfter ? 1 : life.deaths + 1
        let wait = min(Self.firstWait * (1 << min(life.deaths - 1, 10)), Self.longestWait)
        life.startAt = now + wait
        lives[member] = life
        return [.report(member, status: status, restartIn: wait)]
    }

    /// Stops everything, one group after the other in ``Formation/stopOrder``.
    mutating func stop(at now: Duration) -> [Action] {
        guard !isStopping else { return [] }
        isStopping = true
        for member in members { lives[member]?.startAt = nil }
        return askNext(at: now)
    }

    /// Asks the first group that still runs, unless it has been asked.
    private mutating func askNext(at now: Duration) -> [Action] {
        for program in Formation.stopOrder {
            let group = members.filter { $0.program == program && lives[$0]?.isRunning == true }
            if group.isEmpty { continue }
            let unasked = group.filter { lives[$0]?.killAt == nil }
            // Some of the group were asked before, so all were; the rest is waited for.
            guard unasked.count == group.count else { return [] }
            for member in unasked { lives[member]?.killAt = now + Self.stopDeadline }
            return unasked.map { .ask($0) }
        }
        return []
    }
}
