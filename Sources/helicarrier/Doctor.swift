import JSON

/// `helicarrier doctor`: looks at everything that the service stands on and says what to do.
enum Doctor {
    static let command = Command(
        "doctor", "check settings, configuration, database, backup, disk, clock, queue and units",
        options: [
            Option("--upstream", "also ask the Hub; without it nothing leaves the machine"),
            Option("--deep", "read all of the database: every index, and every row that is pointed at"), .json,
        ],
        notes: "Ends with 1 if anything fails; warnings do not count.", run: run)

    private static func run(_ arguments: Arguments, _ session: Session) async throws -> ExitStatus {
        let examination = Examination(session)
        var findings = await examination.programs(in: try ownDirectory())
        findings += examination.configuration()
        findings += await examination.database(deep: arguments.has("--deep"))
        findings += await examination.units()
        if arguments.has("--upstream") { findings += await examination.upstream() }
        if arguments.has("--json") {
            session.terminal.print(
                .array(
                    findings.map { finding in
                        .record([
                            "subject": .text(finding.subject), "verdict": .text(finding.verdict.rawValue),
                            "text": .text(finding.text), "advice": .text(finding.advice),
                        ])
                    }))
        } else {
            for finding in findings { session.terminal.print(line(finding, session.terminal)) }
        }
        return findings.contains { $0.verdict == .fail } ? .failed : .fine
    }

    static func line(_ finding: Finding, _ terminal: Terminal) -> String {
        let colour: Colour = [.ok: .green, .warn: .yellow, .fail: .red][finding.verdict] ?? .bold
        let mark = terminal.paint(finding.verdict.rawValue.padded(to: 4), colour)
        let advice = finding.advice.map { ": \($0)" } ?? ""
        return "\(mark)  \(finding.subject.padded(to: 15))  \(Printable.line(finding.text + advice))"
    }
}
