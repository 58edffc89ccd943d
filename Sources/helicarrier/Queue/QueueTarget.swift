import Jobs
import Model
import Store

/// The words of the command line that name a part of the queue.
enum QueueTarget {
    static let stages = StageName.allCases.map(\.rawValue)
    static let kinds = Catalog.kinds.map { $0.name }

    /// The stage that a name of a stage or kind belongs to.
    static func stage(of target: String) throws(UsageError) -> StageName {
        guard let stage = Catalog.stage(of: target) else {
            throw UsageError(
                "there is no stage or kind '\(target)'; there is: \((stages + kinds).joined(separator: ", "))")
        }
        return stage
    }

    static func id(_ word: String) throws(UsageError) -> JobID {
        guard let number = Int64(word), number > 0 else { throw UsageError("'\(word)' is not the number of a job") }
        return JobID(number)
    }
}
