import Glibc
import HTTPClient
import JSON
import SQLite
import Synchronization
import TestKit
import Testing

/// Sessions that are sent to several processes at once, and to one that is killed meanwhile.
@Suite(.serialized) struct IngestTests {
    static let secret = "agreed"

    static func deployment() throws -> Deployment { try Deployment(["HELICARRIER_SECRET": secret]) }

    static func client() -> HTTPClient {
        HTTPClient(userAgent: "test", maximumConnections: 64, perHost: 64)
    }

    /// The address that a process listens on.
    static func address(of process: ChildProcess) throws -> String {
        let line = try #require(process.errorOutput.split(separator: "\n").first { $0.contains("\"listening\"") })
        let address = try JSONDocument(parsing: String(line)).root["address"]?.string
        return String(try #require(address).dropLast())
    }

    static func ingest(_ body: String, to address: String, _ client: HTTPClient) async throws -> String {
        let response = try await client.send(
            ClientRequest(
                "POST", address + "/api/v3/ingest/session", headers: [HeaderLine("x-secret-key", secret)],
                body: [UInt8](body.utf8)))
        return "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
    }

    static func session(_ id: String, tokens: Int, key: String? = nil) -> String {
        let name = key.map { #","idempotency_key":"\#($0)""# } ?? ""
        return #"{"envelope_version":"v1"\#(name),"payload":{"session":{"sessionId":"\#(id)","state":"done","#
            + #""agentId":"planner","modelId":"m-1","startedAt":"2026-05-04T08:00:00Z","#
            + #""endedAt":"2026-05-04T08:00:30Z","totalTokens":\#(tokens),"billedCostUsd":0.000000001}}}"#
    }

    /// Fault 1: keys live in the database, which all processes share: one write, the rest replays.
    @Test func fault1FourProcessesAndEightClientsRaceOneKey() async throws {
        let deployment = try Self.deployment()
        try await deployment.helicarrier("migrate")
        var processes: [ChildProcess] = []
        for _ in 0..<4 { processes.append(try await deployment.ready("api")) }
        let addresses = try processes.map(Self.address)
        let client = Self.client()
        let rounds = 10
        let answers = try await withThrowingTaskGroup(of: [String].self) { group in
            for sender in 0..<8 {
                group.addTask {
                    var answers: [String] = []
                    for round in 0..<rounds {
                        let body = Self.session("s\(round)", tokens: round, key: "key \(round)")
                        answers.append(
                            try await Self.ingest(body, to: addresses[(sender + round) % 4], client))
                    }
                    return answers
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(answers == [String](repeating: #"200 {"ok":true}"#, count: 8 * rounds))
        #expect(deployment.count("SELECT count(*) FROM session_ledger WHERE revision = 1") == rounds)
        #expect(deployment.count("SELECT count(*) FROM ingest_key") == rounds)
        var counts: [String: Int] = [:]
        for address in addresses {
            let metrics = try await client.send(ClientRequest("GET", address + "/metrics"))
            for line in String(decoding: metrics.body, as: UTF8.self).split(separator: "\n") {
                guard line.hasPrefix("helicarrier_ingests_total"), let last = line.split(separator: " ").last else {
                    continue
                }
                let outcome = line.split(separator: "\"")[1]
                counts[String(outcome), default: 0] += Int(last) ?? 0
            }
        }
        #expect(counts["fresh"] == rounds && counts["replayed"] == 7 * rounds && counts["conflict"] == 0)
        for process in processes { process.signal(SIGTERM) }
        for process in processes { #expect(try await process.wait() == .exited(0)) }
    }

    /// The same bad body has the same bytes in every process.
    @Test func theSameBadBodyHasTheSameBytesInEveryProcess() async throws {
        let deployment = try Self.deployment()
        try await deployment.helicarrier("migrate")
        let processes = [try await deployment.ready("api"), try await deployment.ready("api")]
        let addresses = try processes.map(Self.address)
        let client = Self.client()
        let bodies = [
            "{}", "[]", #"{"envelope_version":"v3"}"#, #"{"envelope_version":"v1","payload":{"session":{}}}"#,
            #"{"envelope_version":"v2","payload":{"run":{"title":7,"state":"odd","endedAt":"x"},"#
                + #""timeline":[0,{},1,[]]}}"#,
            #"{"envelope_version":"v1","payload":{"events":[\#((0..<300).map { _ in "0" }.joined(separator: ","))]}}"#,
            "nonsense",
        ]
        for body in bodies {
            var answers = Set<String>()
            for turn in 0..<10 { answers.insert(try await Self.ingest(body, to: addresses[turn % 2], client)) }
            #expect(answers.count == 1 && answers.first?.hasPrefix("4") == true, "\(answers)")
        }
        for process in processes { process.signal(SIGKILL) }
        for process in processes { try await process.wait() }
    }

    /// A process that is killed again and again, and senders that try until they are answered: everything that was
    /// answered is there, once.
    @Test(arguments: [UInt64(8)])
    func aKilledProcessLosesAndRepeatsNothing(seed: UInt64) async throws {
        let (sessions, senders) = (20_000, 16)
        let deployment = try Self.deployment()
        try await deployment.helicarrier("migrate")
        let run = Run()
        let kills = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask { try await Self.storm(deployment, run, seed: seed, of: sessions) }
            for sender in 0..<senders {
                group.addTask {
                    for number in stride(from: sender, to: sessions, by: senders) {
                        try await run.send(Self.session("s\(number)", tokens: number))
                    }
                    return 0
                }
            }
            defer { run.stop() }
            return try await group.reduce(0, +)
        }
        #expect(kills >= 3, "the run was too short to be disturbed")
        #expect(deployment.count("SELECT count(*) FROM session_ledger WHERE revision = 1") == sessions)
        let sum = sessions * (sessions - 1) / 2
        #expect(deployment.count("SELECT sum(total_tokens) FROM session_usage WHERE superseded_at_ms IS NULL") == sum)
        #expect(deployment.count("SELECT sum(cost_nanousd) FROM session_ledger") == sessions)
        #expect(deployment.count("SELECT count(*) FROM session_ledger WHERE own_key = 1") == sessions)
        #expect(try deployment.lines("PRAGMA integrity_check") == ["ok"])
    }

    /// Kills the process whenever some thousand more were answered, and starts another.
    /// - Returns: how often.
    private static func storm(
        _ deployment: Deployment, _ run: Run, seed: UInt64, of sessions: Int
    ) async throws -> Int {
        var random = SplitMix64(seed: seed)
        var process = try await deployment.ready("api")
        run.listens(try address(of: process))
        var kills = 0
        var goal = 1_000
        while goal < sessions {
            let next = goal
            try await eventually("\(next) sessions are answered") { run.answered >= next ? true : nil }
            process.signal(SIGKILL)
            try await process.wait()
            kills += 1
            process = try await deployment.ready("api")
            run.listens(try address(of: process))
            goal = run.answered + Int.random(in: 2_000...4_000, using: &random)
        }
        try await eventually("every session is answered") { run.answered >= sessions ? true : nil }
        process.signal(SIGTERM)
        #expect(try await process.wait() == .exited(0))
        return kills
    }

    /// What the senders and the one who kills know of each other.
    private final class Run: Sendable {
        private struct State {
            /// Which process it is, and where it listens.
            var process = (number: 0, address: "http://127.0.0.1:1")
            var answered = 0
            var isOver = false
        }

        private let state = Mutex(State())
        private let client = IngestTests.client()

        var answered: Int { state.withLock { $0.answered } }

        func stop() { state.withLock { $0.isOver = true } }

        func listens(_ address: String) {
            state.withLock { $0.process = ($0.process.number + 1, address) }
        }

        /// Tries until it is answered, by whichever process there is.
        func send(_ body: String) async throws {
            while true {
                let (process, isOver) = state.withLock { ($0.process, $0.isOver) }
                if isOver { return }
                let answer = try? await IngestTests.ingest(body, to: process.address, client)
                if answer == #"200 {"ok":true}"# { break }
                try #require(answer == nil || answer?.hasPrefix("503 ") == true, "\(answer ?? "")")
                _ = try? await eventually("another process listens", atMost: .seconds(5)) {
                    state.withLock { $0.process.number } != process.number ? true : nil
                }
            }
            state.withLock { $0.answered += 1 }
        }
    }
}
