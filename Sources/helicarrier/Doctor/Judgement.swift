import Model
import Store

/// How figures are judged: pure decisions, each with its thresholds.
enum Judgement {
    /// - Parameter ballast: the file that can be deleted to make room, if it is there.
    static func disk(free: Int64?, ballast: String? = nil) -> Finding {
        guard let free else {
            return .warn("disk", "the free space is unknown", do: "check that the database's directory can be read")
        }
        let text = "\(Spoken.bytes(free)) free"
        if free < 100 << 20 {
            let relief = ballast.map { "; deleting \($0) makes room at once" } ?? ""
            return .fail("disk", text, do: "free some space: writes fail when it is used up\(relief)")
        }
        if free < 1 << 30 { return .warn("disk", text, do: "free some space soon") }
        return .ok("disk", text)
    }

    /// - Parameter last: when the log was last moved into the database.
    static func log(walBytes: Int64, last: Timestamp?, now: Timestamp) -> Finding {
        let since = last.map { "\(Spoken.duration(now - $0)) ago" } ?? "never"
        let text = "write-ahead log \(Spoken.bytes(walBytes)), last checkpoint \(since)"
        let isLate = last.map { now - $0 > .minutes(5) } ?? true
        if walBytes > 64 << 20, isLate {
            return .fail(
                "log", text, do: "start a daemon, which checkpoints; if one runs, something reads for very long")
        }
        if walBytes > 16 << 20, isLate {
            return .warn("log", text, do: "start a daemon, which checkpoints")
        }
        return .ok("log", text)
    }

    /// - Parameter newest: when the newest job was made.
    static func clock(now: Timestamp, newest: Timestamp?) -> Finding {
        // Before this release nothing can have been recorded.
        guard now >= Timestamp(milliseconds: 1_767_225_600_000) else {
            return .fail("clock", "it says \(now.rfc3339)", do: "set the clock: observations are stored by time")
        }
        if let newest, newest > now + .seconds(5) {
            return .warn(
                "clock", "the newest job was made \(Spoken.duration(newest - now)) in the future",
                do: "check time synchronisation: the clock was ahead or has been set back")
        }
        return .ok("clock", now.rfc3339)
    }

    /// - Parameter synchronised: what the kernel was told; `nil` where it does not say.
    static func synchronisation(_ synchronised: Bool?) -> [Finding] {
        switch synchronised {
        case true?: [.ok("clock", "something keeps it right")]
        case false?:
            [
                .warn(
                    "clock", "nothing keeps it right, as far as the kernel knows",
                    do: "run a time service such as systemd-timesyncd or chrony")
            ]
        case nil: []
        }
    }

    /// - Parameter theirs: the upstream's time, in whole seconds.
    static func skew(ours: Timestamp, theirs: Timestamp) -> Finding {
        let apart = max(ours - theirs, theirs - ours)
        guard apart > .seconds(30) else { return .ok("clock", "it agrees with the upstream's") }
        return .fail(
            "clock", "it is \(Spoken.duration(apart)) away from the upstream's",
            do: "set it: observations are stored by time, and signatures expire by it")
    }

    static func backup(_ last: Timestamp?, now: Timestamp) -> Finding {
        guard let last else {
            return .warn(
                "backup", "none was made on this machine",
                do: "`helicarrier backup FILE`, and `systemctl enable --now helicarrier-backup.timer`")
        }
        let text = "the last holds data of \(Spoken.duration(now - last)) ago"
        guard now - last > .hours(26) else { return .ok("backup", text) }
        return .warn("backup", text, do: "`helicarrier backup FILE`; `systemctl status helicarrier-backup` says more")
    }

    /// - Parameters:
    ///   - owner: of the database, as a number.
    ///   - user: who asks.
    static func owner(_ owner: UInt32, user: UInt32) -> [Finding] {
        guard owner != user else { return [] }
        return [
            .warn(
                "permissions", "it belongs to user \(owner), and you are user \(user)",
                do: "run this as that user: what you make beside it, the daemons could not use")
        ]
    }

    static func references(_ tables: [String]) -> Finding {
        tables.isEmpty
            ? .ok("integrity", "every row that is pointed at exists")
            : .fail(
                "integrity", "rows of \(Set(tables).sorted().joined(separator: ", ")) point at nothing",
                do: "keep a backup of this state and report it; the service goes on")
    }

    static func schema(found: Int, needed: Int) -> Finding {
        if found > needed {
            return .fail("schema", "\(found), newer than this release's \(needed)", do: "install the newer release")
        }
        if found < needed {
            return .fail("schema", "\(found), this release needs \(needed)", do: "run `helicarrier migrate`")
        }
        return .ok("schema", "\(found)")
    }

    /// - Parameter check: which of SQLite's two it was.
    static func integrity(_ rows: [String], check: String = "quick_check") -> Finding {
        rows == ["ok"]
            ? .ok("integrity", "\(check) finds nothing")
            : .fail(
                "integrity", rows.first ?? "\(check) gave no answer",
                do: "stop the daemons and restore a backup; keep the damaged file")
    }

    /// - Parameter mode: the permission bits of the database file.
    static func permissions(_ mode: UInt32) -> Finding {
        let text = "mode " + String(mode & 0o777, radix: 8)
        return mode & 0o077 == 0
            ? .ok("permissions", text)
            : .warn(
                "permissions", "\(text): others can read it", do: "chmod 600 the database; it holds webhook secrets")
    }

    static func queue(_ stages: [StageBacklog], listening: Set<StageName>) -> [Finding] {
        stages.compactMap { stage -> Finding? in
            let name = "queue \(stage.stage.rawValue)"
            if stage.ready > 0, !listening.contains(stage.stage) {
                let process = ImportHindrance.process(of: stage.stage)
                return .warn(name, "\(stage.ready) ready, no worker", do: "start \(process)")
            }
            if let pause = stage.pauses.first {
                return .warn(
                    name, "\(pause.target) is paused: \(pause.reason)", do: "`helicarrier queue resume \(pause.target)`"
                )
            }
            if stage.dead > 0 {
                return .warn(
                    name, "\(Spoken.count(stage.dead, "job is", "jobs are")) dead",
                    do: "`helicarrier queue jobs --stage \(stage.stage.rawValue) --state dead`, then requeue or discard"
                )
            }
            return nil
        }
    }

    /// Variables that look like settings and are none.
    static func unknownSettings(_ names: [String], known: Set<String>) -> [Finding] {
        names.filter { $0.hasPrefix("HELICARRIER_") && !known.contains($0) }.sorted().map {
            .warn("settings", "\($0) is not a setting", do: "unset it, or correct its name")
        }
    }
}
