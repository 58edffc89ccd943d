import Model

/// The words at the right of the top bar: how old what is shown is, and a link to what has come since. Rows never
/// change under a reader.
enum SnapshotStatus {
    /// The stream that tells of new snapshots.
    static let events = "/api/v4/stream"

    static func draw(_ snapshot: Snapshot, now: Timestamp) -> HTML {
        let moment = snapshot.observedAt
        // A day without a new snapshot means that nobody is watching; the dot says so without a word.
        let dot: HTML = now - moment < .days(1) ? "good" : "old"
        let words = "Snapshot \(TimeText.day(moment)), \(TimeText.clock(moment)) UTC"
        return #"""
            <a class="btn small" href="" data-news="\#(snapshot.id)" data-feed="\#(snapshot.feed)" hidden>\#
            New snapshot, show</a>\#
            <span class="live hide-s" data-live-status><span class="dot \#(dot)" data-rest="dot \#(dot)"></span>\#
            <span title="\#(TimeText.moment(moment))" data-rest="\#(words)">\#(words)</span></span>
            """#
    }
}
