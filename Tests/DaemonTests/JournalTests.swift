import Daemon
import Telemetry
import Testing

/// How a log line stands in systemd's journal.
@Suite struct JournalTests {
    private func fields(_ event: Event) -> [String] {
        Journal.fields(of: event).map { "\($0.name)=\($0.value)" }
    }

    @Test func everyFieldCanBeSearched() {
        let event = Event(
            level: .info, name: "job ended",
            fields: ["job.id": "5", "stage": "score", "trace.id": "0af7", "process": "scorer"])
        #expect(
            fields(event) == [
                "MESSAGE=job ended job.id=5 process=scorer stage=score trace.id=0af7", "PRIORITY=6", "JOB_ID=5",
                "PROCESS=scorer", "STAGE=score", "TRACE_ID=0af7",
            ])
    }

    @Test(arguments: [(Level.debug, "7"), (.info, "6"), (.warning, "4"), (.error, "3")])
    func levelsAreThoseOfSyslog(level: Level, number: String) {
        #expect(fields(Event(level: level, name: "x", fields: [:])) == ["MESSAGE=x", "PRIORITY=\(number)"])
    }

    /// The journal refuses other names, and some mean something to it.
    @Test func namesAreThoseThatTheJournalTakes() {
        let odd = ["_uid": "1", "9lives": "2", "ünïcode": "3", "message": "4", "priority": "5", "": "6"]
        let long = String(repeating: "a", count: 100)
        let event = Event(level: .info, name: "x", fields: odd.merging([long: "7"]) { left, _ in left })
        let own = Journal.fields(of: event).dropFirst(2)
        #expect(own.map(\.name).sorted() == [String(repeating: "A", count: 64), "LIVES", "N_CODE", "UID"].sorted())
        #expect(
            own.allSatisfy { $0.name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 95 } })
    }

    /// A value is one field, whatever stands in it.
    @Test func aValueKeepsItsLines() {
        let event = Event(level: .error, name: "x", fields: ["why": "one\nPRIORITY=0"])
        #expect(fields(event) == ["MESSAGE=x why=onePRIORITY=0", "PRIORITY=3", "WHY=one\nPRIORITY=0"])
    }
}
