import CSystemd
import Glibc
import Synchronization

/// What a process tells the service manager. Without one (no `NOTIFY_SOCKET`) the calls do nothing.
package enum ServiceNotice {
    /// The process serves; its signal handlers must be in place by now.
    package static func ready(_ status: String) {
        send("READY=1\nSTATUS=\(status)")
    }

    /// What `systemctl status` shows; one line.
    package static func status(_ text: String) {
        send("STATUS=\(text)")
    }

    package static func stopping() {
        send("STOPPING=1\nSTATUS=stopping")
    }

    /// Feeds the watchdog; to be called on real progress only.
    package static func alive() {
        send("WATCHDOG=1")
    }

    /// How often the watchdog wants to be fed, or `nil` where there is none: half of the unit's `WatchdogSec=`.
    package static var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(microseconds / 2))
    }

    /// Listening sockets that the service manager handed over, in the order of the unit.
    package static func inheritedSockets() -> [Int32] {
        let count = sd_listen_fds(1)
        return count > 0 ? (0..<count).map { 3 + $0 } : []
    }

    private static func send(_ state: String) {
        _ = unsafe sd_notify(0, state)
    }
}

/// The line of `systemctl status`, sent only when it is another one.
package final class StatusLine: Sendable {
    private let last = Mutex("")

    package init() {}

    package func show(_ text: String) {
        let isNew = last.withLock { last in
            defer { last = text }
            return last != text
        }
        if isNew { ServiceNotice.status(text) }
    }
}
