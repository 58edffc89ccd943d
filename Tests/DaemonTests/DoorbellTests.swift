import Daemon
import FoundationEssentials
import Glibc
import Telemetry
import TestKit
import Testing

/// Rings reach everybody whose name begins so, and nobody else.
@Suite(.timeLimit(.minutes(10))) struct DoorbellTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A listener, and its rings as they come.
    private struct Listener {
        let bell: Bell
        let rings: AsyncStream<Void>
    }

    private func listen(_ doorbell: Doorbell, as name: String) throws -> Listener {
        let (rings, ring) = AsyncStream.makeStream(of: Void.self)
        let bell = try #require(doorbell.listen(as: name) { ring.yield() })
        return Listener(bell: bell, rings: rings)
    }

    private var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: directory.file("bells")).sorted() }
    }

    @Test func aRingWakesEverybodyOfItsName() async throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        let other = try #require(Doorbell(directory: directory.file("bells")))
        let first = try listen(doorbell, as: "fetch.a")
        let second = try listen(other, as: "fetch.b")
        for _ in 0..<10 {
            doorbell.ring("fetch")
            for listener in [first, second] {
                var rings = listener.rings.makeAsyncIterator()
                _ = await rings.next()
            }
        }
    }

    @Test func aRingSaysHowManyAreAlive() throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        #expect(doorbell.ring("fetch") == 0)
        let first = try listen(doorbell, as: "fetch.a")
        do {
            let second = try listen(doorbell, as: "fetch.b")
            #expect(doorbell.ring("fetch") == 2)
            withExtendedLifetime(second) {}
        }
        #expect(doorbell.ring("fetch") == 1 && doorbell.ring("score") == 0)
        withExtendedLifetime(first) {}
    }

    /// A name is a whole word up to the dot, and `scorer` is not `score`.
    @Test func aRingWakesNobodyElse() async throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        let log = EventLog()
        let bells = ["score.a", "scorer.b", "fetch.c"].map { name in
            doorbell.listen(as: name) { log.logger.with(["name": name]).log(.info, "ring") }
        }
        for count in 1...3 {
            doorbell.ring("score")
            try await log.wait(for: "ring", count: count)
        }
        #expect(log.events.allSatisfy { $0.fields["name"] == "score.a" })
        withExtendedLifetime(bells) {}
    }

    @Test func aBellThatIsLetGoLeavesNothingBehind() throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        do {
            let listener = try listen(doorbell, as: "fetch.a")
            #expect(try names == ["fetch.a"])
            withExtendedLifetime(listener.bell) {}
        }
        #expect(try names.isEmpty)
        doorbell.ring("fetch")
    }

    /// What a killed process leaves is a socket that nobody reads.
    @Test func aRingClearsTheDeadAway() throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        let listener = try listen(doorbell, as: "fetch.alive")
        let path = directory.file("bells/fetch.dead")
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        try #require(path.utf8.count < 100)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(bound == 0)
        close(descriptor)
        #expect(try names == ["fetch.alive", "fetch.dead"])
        doorbell.ring("fetch")
        #expect(try names == ["fetch.alive"])
        withExtendedLifetime(listener.bell) {}
    }

    /// A socket's path may have 107 bytes; this one has far more.
    @Test func worksInADeepDirectory() async throws {
        let deep = directory.file(String(repeating: "d", count: 200))
        try FileManager.default.createDirectory(atPath: deep, withIntermediateDirectories: true)
        let doorbell = try #require(Doorbell(directory: deep + "/bells"))
        let listener = try listen(doorbell, as: "fetch.a")
        doorbell.ring("fetch")
        var rings = listener.rings.makeAsyncIterator()
        _ = await rings.next()
    }

    @Test func saysThatTheDirectoryCannotBeMade() {
        #expect(Doorbell(directory: directory.file("missing/bells")) == nil)
    }

    /// Bells come and go while others listen; each of these hears its ring.
    @Test func bellsThatEndTakeNoOtherWithThem() async throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for turn in 0..<25 {
                        let listener = try listen(doorbell, as: "stage\(number).\(turn)")
                        #expect(doorbell.ring("stage\(number)") == 1)
                        var rings = listener.rings.makeAsyncIterator()
                        _ = await rings.next()
                        withExtendedLifetime(listener) {}
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try names.isEmpty)
    }

    @Test func manyRingsDoNotBlock() async throws {
        let doorbell = try #require(Doorbell(directory: directory.file("bells")))
        let listener = try listen(doorbell, as: "fetch.a")
        for _ in 0..<5_000 { doorbell.ring("fetch") }
        var rings = listener.rings.makeAsyncIterator()
        _ = await rings.next()
    }
}
