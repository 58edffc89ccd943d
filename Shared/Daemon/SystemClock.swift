import CLinux
import Glibc
package import Model

/// The clocks of this machine. Everything that decides takes its time as an argument; only `main` passes these.
package enum SystemClock {
    /// Wall time, for what is stored and shown.
    package static func now() -> Timestamp {
        Timestamp(milliseconds: clinux_wall_ms())
    }

    /// Whether something keeps the clock right, as the kernel was told; `nil` where it does not say.
    package static var isSynchronised: Bool? {
        var state = timex()
        let answer = unsafe adjtimex(&state)
        return answer < 0 ? nil : answer != TIME_ERROR
    }

    /// Milliseconds since boot, sleep included: no clock step touches it.
    package static func sinceBoot() -> Int64 {
        clinux_boottime_ms()
    }

    /// Names this boot of this machine.
    package static func bootID() -> String {
        TextFile.read("/proc/sys/kernel/random/boot_id")?.filter { !$0.isWhitespace } ?? "unknown"
    }
}

/// The number of this process.
package func processID() -> Int32 {
    getpid()
}
