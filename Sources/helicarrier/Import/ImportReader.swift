import Daemon
import Glibc
import Model

/// Reads the files of an import, oldest observation first in the result, whatever the order of the files.
struct ImportReader: Sendable {
    /// All listings of one command are sorted by time before the first is stored, so together they must fit in memory.
    static let totalLimit = 1 << 30

    let observedAt: Timestamp?
    let terminal: Terminal

    func read(_ paths: [String], _ tally: inout ImportTally) -> [Observation] {
        let bar = ProgressBar("reading", on: terminal)
        defer { bar.clear() }
        var observations: [Observation] = []
        var total = 0
        for (index, path) in paths.enumerated() {
            bar.show(index, of: paths.count)
            guard let bytes = contents(of: path, &tally) else { continue }
            let reading = ObservationReading(name: path, observedAt: observedAt, writtenAt: writtenAt(path))
            let file = reading.read(bytes)
            if file.isDatedByFile, let moment = file.observations.first?.observedAt {
                bar.clear()
                terminal.writeError(
                    "\(path): nothing says when it was observed; taken as of when it was written, \(moment.rfc3339)\n")
            }
            tally.faults += file.faults.map(\.description)
            total += file.observations.reduce(0) { $0 + $1.body.count }
            guard total <= Self.totalLimit else {
                tally.faults.append(
                    "\(path): more than \(Spoken.bytes(Int64(Self.totalLimit))) at once; import fewer files")
                break
            }
            observations += file.observations
        }
        return observations.sorted { $0.observedAt < $1.observedAt }
    }

    private func writtenAt(_ path: String) -> Timestamp? {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else { return nil }
        return Timestamp(milliseconds: Int64(facts.st_mtim.tv_sec) * 1_000 + Int64(facts.st_mtim.tv_nsec) / 1_000_000)
    }

    private func contents(of path: String, _ tally: inout ImportTally) -> [UInt8]? {
        var facts = stat()
        guard unsafe stat(path, &facts) == 0 else {
            tally.faults.append("\(path): there is no such file")
            return nil
        }
        guard facts.st_mode & S_IFMT != S_IFDIR, facts.st_size <= Self.totalLimit else {
            tally.faults.append("\(path): not a file of at most \(Spoken.bytes(Int64(Self.totalLimit)))")
            return nil
        }
        guard let bytes = TextFile.bytes(path) else {
            tally.faults.append("\(path): cannot be read")
            return nil
        }
        return bytes
    }
}
