import FoundationEssentials
import Glibc
import Model
import SQLite
import Store
import TestKit
import Testing

extension FaultTests {
    /// Disks that are full, and disks that lose their power. Both need file systems of their own, so root.
    @Suite(.enabled(if: geteuid() == 0, "only root may mount")) struct DiskFaultTests {
        @Test func aFullDiskIsWaitedOut() async throws {
            try await SmallDisk.use(megabytes: 16) { folder in
                let rig = try FaultRig(in: folder, durability: .full)
                let flags = ["--ballast", "20000", "--work", "100"]
                let workers = [try await rig.worker("one", flags), try await rig.worker("two", flags)]
                for round in 1...3 {
                    try rig.enqueue(24)
                    try await eventually("jobs run") {
                        try rig.count("SELECT count(*) FROM job WHERE state = 'running'") > 4 ? true : nil
                    }
                    let filler = try Filler(folder)
                    let refusal = #expect(throws: SQLiteError.self) { while true { try rig.enqueue(50) } }
                    #expect(refusal?.isDiskFull == true, "\(String(describing: refusal))")
                    try await eventually("both wait with their results") {
                        workers.allSatisfy { $0.count("commit waits") >= round } ? true : nil
                    }
                    #expect(try rig.open(readOnly: true).run(Self.check) == ["ok"])
                    filler.remove()
                    try await eventually("work goes on by itself") {
                        try rig.count("SELECT count(*) FROM job WHERE state <> 'done'") == 0 ? true : nil
                    }
                }
                for worker in workers { #expect(worker.ending == nil && worker.count("ready") == 1) }
                try await rig.settle()
                try Verdict(rig).expectNothingLost("full disk")
            }
        }

        /// The fetcher's clock writes by itself, beside the worker that waits a full disk out.
        @Test func theFetchersTickWaitsForSpaceToo() async throws {
            try await SmallDisk.use(megabytes: 8) { folder in
                let rig = try FaultRig(in: folder, durability: .full)
                // Somebody has to have joined the lease clock of this boot while there was space.
                try await rig.worker("first")
                try await rig.stop()
                let filler = try Filler(folder)
                #expect(throws: SQLiteError.self) { while true { try rig.enqueue(50) } }
                let fetcher = try ChildProcess(
                    "fetcher",
                    environment: [
                        "HELICARRIER_DB_PATH": rig.location.path, "HELICARRIER_REFRESH": "1h",
                        "HELICARRIER_CONFIG_DIR": Repository.root + "/samples/config",
                        "HELICARRIER_HUB_URL": "http://127.0.0.1:9",
                    ])
                try await fetcher.waitForLog("database waits")
                filler.remove()
                try await eventually("the tick has come") {
                    try #require(fetcher.ending == nil, "\(fetcher.errorOutput)")
                    return try rig.count("SELECT count(*) FROM job WHERE kind = 'plan-refresh'") == 1 ? true : nil
                }
                fetcher.signal(SIGTERM)
                #expect(try await fetcher.wait() == .exited(0))
                #expect(try rig.open(readOnly: true).run(Self.check) == ["ok"])
            }
        }

        private static let check = Query("PRAGMA integrity_check") { $0.text(0) }

        /// `scripts/power-cut` does it, and says what came of it in one line.
        @Test func whatWasAcknowledgedSurvivesAPowerCut() async throws {
            // Goes with the test, even if the script is killed.
            let place = try TemporaryDirectory()
            let script = try ChildProcess(
                Repository.root + "/scripts/power-cut", [try BuiltProducts.path(of: "FaultWorker"), "3", "full"],
                environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": place.path])
            let ending = try await script.wait(atMost: .seconds(60))
            print("power cut: \(script.output)", terminator: "")
            #expect(ending == .exited(0), "\(script.output)\(script.errorOutput)")
            #expect(script.output.hasPrefix("lost=0 unexpected=0 finished twice=0 effects twice=0 stuck=0 "))
        }
    }
}

/// A file system in memory that is soon full. It goes when the test does, whatever the test ends with: a shell keeps
/// it, and looks whether its parent still lives.
private enum SmallDisk {
    private static let keep = """
        mount -t tmpfs -o "size=$1m,mode=700" tmpfs "$2" || exit 1
        trap 'umount -l "$2"; exit 0' TERM
        echo mounted
        while kill -0 "$PPID"; do sleep 0.05; done
        umount -l "$2"
        """

    static func use(megabytes: Int, _ body: (String) async throws -> Void) async throws {
        let place = try TemporaryDirectory()
        let keeper = try ChildProcess(
            "/bin/sh", ["-c", keep, "sh", "\(megabytes)", place.path],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        try await eventually("the disk is mounted") {
            try #require(keeper.ending == nil, "cannot mount a tmpfs: \(keeper.errorOutput)")
            return keeper.says("mounted")
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(place.path)) } catch { result = .failure(error) }
        keeper.signal(SIGTERM)
        #expect(try await keeper.wait() == .exited(0), "\(keeper.errorOutput)")
        try result.get()
    }
}

/// Takes what space there is, down to the last page.
private struct Filler {
    private let files: [String]

    init(_ folder: String) throws {
        var files: [String] = []
        for size in [1 << 20, 1 << 16, 1 << 12] {
            while true {
                let file = "\(folder)/filler-\(files.count)"
                files.append(file)
                do { try Data(count: size).write(to: URL(filePath: file)) } catch { break }
            }
        }
        self.files = files
    }

    func remove() {
        for file in files { try? FileManager.default.removeItem(atPath: file) }
    }
}
