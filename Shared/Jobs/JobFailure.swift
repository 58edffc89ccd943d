/// Why a run did not succeed, sorted by what to do about it. The class is a short word to group by.
package enum JobFailure: Error, Equatable {
    /// The world may be better later.
    case transient(String, String)
    /// Running again cannot help: the payload is wrong, or the thing is gone.
    case permanent(String, String)
    /// The process is stopping. Not the job's fault.
    case interrupted
}
