import Jobs
import Model
import Store
import TestKit
import Testing

/// Kinds are written down once, and what they write to the database stays readable.
@Suite struct JobKindTests {
    @Test func namesAreUniqueAndPlain() {
        let names = Catalog.kinds.map { $0.name }
        #expect(names.count >= 6 && Set(names).count == names.count)
        for name in names {
            #expect(name.allSatisfy { $0.isLowercase || $0 == "-" } && name.contains("-"), "\(name)")
        }
    }

    /// Every file of `Kinds` is in the catalog, under the name that its type's name spells.
    @Test func catalogIsComplete() {
        let files = Repository.files(in: "Shared/Jobs/Kinds", ending: ".swift").map { $0.name.dropLast(6) }
        #expect(!files.isEmpty)
        #expect(
            files.sorted() == Catalog.kinds.map { "\($0)"[...] }.sorted(), "add the kind to Catalog.kinds")
    }

    @Test(arguments: Catalog.kinds.indices)
    func limitsAreSensible(index: Int) {
        let kind = Catalog.kinds[index]
        #expect(kind.version >= 1 && (1...64).contains(kind.concurrency) && (1...50).contains(kind.retry.attempts))
    }

    @Test func aJobSaysWhatItsKindSays() throws {
        let job = OtherWork(number: 5).job(priority: 3, runAt: Timestamp(milliseconds: 9), parent: JobID(4))
        let expected = NewJob(
            kind: "other-work", stage: .score, payload: "{\"number\":5}", payloadVersion: 2, priority: 3,
            maxAttempts: 1,
            runAt: Timestamp(milliseconds: 9), uniqueKey: "other:5", parent: JobID(4))
        #expect(job == expected)
        #expect(OtherWork(number: 0).job().uniqueKey == nil)
    }

    /// A payload is the same text each time, and slashes stay readable.
    @Test func aPayloadComesBack() throws {
        let job = SayWord(word: "a/b \"ü\"\n").job()
        #expect(job.payload == "{\"word\":\"a/b \\\"ü\\\"\\n\"}")
        #expect(try SayWord(payload: job.payload, version: 1).word == "a/b \"ü\"\n")
    }

    @Test func anOlderPayloadIsRead() throws {
        #expect(try OtherWork(payload: "{\"number\":1}", version: 1).number == 1)
        #expect(throws: JobFailure.self) { _ = try OtherWork(payload: "{\"number\":1}", version: 3) }
    }
}
