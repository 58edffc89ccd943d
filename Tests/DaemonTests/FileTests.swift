import Daemon
import FoundationEssentials
import Model
import TestKit
import Testing

/// Locks, sizes and whole files.
@Suite struct FileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func aLockHasOneHolderUntilItIsLetGo() throws {
        let path = directory.file("lock")
        do {
            let lock = try #require(FileLock(path: path))
            #expect(FileLock(path: path) == nil)
            lock.write("a longer text\n")
            lock.write("short\n")
            #expect(TextFile.read(path) == "short\n")
            #expect(FileLock(path: directory.file("another")) != nil)
        }
        #expect(FileLock(path: path) != nil)
    }

    @Test func aLockInAMissingDirectoryIsNotHeld() {
        #expect(FileLock(path: directory.file("missing/lock")) == nil)
    }

    @Test func aLockIsItsOwnersAlone() throws {
        let lock = try #require(FileLock(path: directory.file("lock")))
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("lock"))
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
    func readsFilesOfAnySize(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let path = try directory.write(bytes, to: "file")
        let isSame = TextFile.bytes(path) == bytes
        #expect(isSame)
        #expect(FileSize.of(path) == Int64(count))
    }

    @Test func whatIsMissingHasNoTextAndNoSize() {
        #expect(TextFile.read(directory.file("missing")) == nil)
        #expect(TextFile.bytes(directory.path) == nil, "a directory has no text")
        #expect(FileSize.of(directory.file("missing")) == 0)
        #expect(FileSize.free(at: directory.file("missing")) == nil)
        #expect((FileSize.free(at: directory.path) ?? 0) > 0)
    }

    @Test func saysWhatMayBeDoneWithAPath() throws {
        let file = try directory.write([1], to: "file")
        #expect(FileAccess.exists(file) && FileAccess.canReadAndWrite(file))
        #expect(!FileAccess.canExecute(file) && !FileAccess.isDirectory(file))
        #expect(FileAccess.isDirectory(directory.path) && FileAccess.canAdd(to: directory.path))
        let missing = directory.file("missing")
        #expect(!FileAccess.exists(missing) && !FileAccess.isDirectory(missing) && !FileAccess.canAdd(to: missing))
        #expect(FileAccess.canExecute("/proc/self/exe"))
    }

    @Test func theClocksOfTheMachineRun() {
        let (uptime, wall) = (SystemClock.sinceBoot(), SystemClock.now())
        #expect(uptime > 0 && SystemClock.sinceBoot() >= uptime)
        #expect(wall.milliseconds > 1_600_000_000_000)
        #expect(SystemClock.bootID().count == 36 && SystemClock.bootID() == SystemClock.bootID())
    }
}
