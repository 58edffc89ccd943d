/// A unit of the service manager, as `systemctl show` describes it.
struct UnitState: Equatable, Sendable {
    static let properties = ["Id", "LoadState", "ActiveState", "SubState", "Result", "StatusText", "NRestarts"]

    let name: String
    var isLoaded = true
    var active = "active"
    /// How its last run ended.
    var result = "success"
    /// What its process says of itself.
    var status = ""
    var restarts = 0

    /// Reads blocks of `Name=value` lines with an empty line between them.
    static func read(_ text: String) -> [UnitState] {
        var units: [UnitState] = []
        var fields: [Substring: Substring] = [:]
        for line in (text + "\n\n").split(separator: "\n", omittingEmptySubsequences: false) {
            if let mark = line.firstIndex(of: "=") {
                fields[line[..<mark]] = line[line.index(after: mark)...]
            } else if line.isEmpty, let name = fields["Id"] {
                units.append(
                    UnitState(
                        name: String(name), isLoaded: fields["LoadState"] == "loaded",
                        active: String(fields["ActiveState"] ?? ""), result: String(fields["Result"] ?? ""),
                        status: String(fields["StatusText"] ?? ""),
                        restarts: fields["NRestarts"].flatMap { Int($0) } ?? 0))
                fields = [:]
            }
        }
        return units
    }
}

extension Judgement {
    /// Nothing is said where the units are not installed.
    static func units(_ all: [UnitState]) -> [Finding] {
        let units = all.filter(\.isLoaded)
        guard let target = units.first(where: { $0.name == "helicarrier.target" }) else { return [] }
        var findings = units.filter { $0.active == "failed" }.map { unit in
            let reason = unit.status.isEmpty ? unit.result : unit.status
            return Finding.fail(
                "units", "\(unit.name) has failed: \(reason)", do: "`systemctl status \(unit.name)` says why")
        }
        if target.active != "active" {
            findings.append(
                .warn(
                    "units", "\(target.name) is \(target.active)",
                    do: "`systemctl enable --now \(target.name)`, unless it is meant to be stopped"))
        } else if let timer = units.first(where: { $0.name == "helicarrier-backup.timer" }), timer.active != "active" {
            findings.append(
                .warn(
                    "units", "\(timer.name) is \(timer.active)",
                    do: "`systemctl enable --now \(timer.name)`, unless backups are made otherwise"))
        }
        findings += units.filter { $0.restarts >= 5 && $0.active != "failed" }.map {
            .warn("units", "\($0.name) was restarted \($0.restarts) times", do: "`journalctl -u \($0.name)` says why")
        }
        if findings.isEmpty {
            let count = units.count { $0.active == "active" }
            findings = [.ok("units", "\(Spoken.count(count, "unit is", "units are")) active, none has failed")]
        }
        return findings
    }
}
