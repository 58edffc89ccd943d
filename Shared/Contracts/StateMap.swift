import Model

/// The words that senders use for the states of a session. Whatever is not among them is refused: nobody guesses.
enum StateMap {
    static let status: [String: SessionStatus] = [
        "success": .success, "done": .success, "completed": .success, "finished": .success,
        "failed": .failed, "error": .failed, "crashed": .failed,
        "killed": .killed, "terminated": .killed,
        "cancelled": .cancelled, "canceled": .cancelled,
        "running": .running, "in_progress": .running, "active": .running,
        "queued": .queued, "pending": .queued,
    ]

    static let words = status.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.joined(separator: ", ")
}
