import Daemon
import Model

/// A folder of backups whose names say when they were made, so that their order is that of time.
struct BackupFolder: Sendable {
    private static let start = "helicarrier-"
    static let ending = ".sqlite.zst"

    let path: String

    /// - Returns: `nil` where the operand names a file.
    init?(_ operand: String) {
        guard operand.hasSuffix("/") || FileAccess.isDirectory(operand) else { return nil }
        var path = operand
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    /// The folder itself; the one it is in must exist.
    func make() throws {
        if !FileAccess.isDirectory(path) { try FileMoves.makeDirectory(path) }
    }

    func file(at moment: Timestamp) -> String {
        file(Self.start + Self.digits(moment))
    }

    /// For a backup that precedes the steps of the schema to `version`; it is deleted by nobody but people.
    func file(before version: Int, at moment: Timestamp) -> String {
        file("before-schema-\(version)-" + Self.digits(moment))
    }

    private func file(_ name: String) -> String {
        (path == "/" ? "/" : path + "/") + name + Self.ending
    }

    /// `20261130T101500.123Z`: nothing that a shell or another file system would object to.
    private static func digits(_ moment: Timestamp) -> String {
        moment.rfc3339.filter { $0 != "-" && $0 != ":" }
    }

    /// Every backup in it, in the order of the names.
    func files() throws -> [String] {
        try FileMoves.names(in: path).filter { $0.hasSuffix(Self.ending) }.map { path + "/" + $0 }
    }

    /// The newest by what the files say of themselves. One that got its name here and cannot be read is not passed
    /// over, unless its name comes before: it may be the newest.
    func newest() throws -> String? {
        var newest: (file: String, at: Timestamp)?
        var broken: (file: String, error: any Error)?
        for file in try files() {
            do {
                let moment = try BackupReading(path: file).manifest().createdAt
                if newest.map({ $0.at <= moment }) ?? true { newest = (file, moment) }
            } catch {
                if file.dropFirst(path.count + 1).hasPrefix(Self.start) { broken = (file, error) }
            }
        }
        if let broken, newest.map({ $0.file < broken.file }) ?? true {
            throw CommandFailure(
                "\(broken.file): \(broken.error); it may be the newest in \(path): name the file that is meant, or "
                    + "take it away")
        }
        return newest?.file
    }

    /// Deletes the oldest of those that got their name here, and what a killed process left half done.
    /// - Returns: what was deleted.
    func prune(keeping count: Int?) -> [String] {
        guard let count, let names = try? FileMoves.names(in: path) else { return [] }
        let own = names.filter { $0.hasPrefix(Self.start) }
        // What a killed process left. Another may be at work on it: its lock says so, and asking for it makes a file.
        let halves = own.filter { !$0.hasSuffix(Self.ending) }.filter { name in
            guard let end = name.ranges(of: Self.ending).first?.upperBound else { return false }
            let partial = path + "/" + name[..<end] + ".partial"
            guard let lock = FileLock(path: partial) else { return false }
            return withExtendedLifetime(lock) { (try? FileMoves.remove(partial)) != nil }
        }
        let old = own.filter { $0.hasSuffix(Self.ending) }.dropLast(count)
        return (old + halves).filter { name in (try? FileMoves.remove(path + "/" + name)) != nil }
    }
}
