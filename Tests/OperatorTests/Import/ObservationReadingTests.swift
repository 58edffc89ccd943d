import Compression
import Model
import Testing

@testable import helicarrier

@Suite struct ObservationReadingTests {
    static let rows = #"[{"id":"a/b","downloads":1},{"id":"c/d"}]"#
    static let moment = "2026-05-04T08:43:19.965Z"
    static let recording = #"{"fetchedAt":"\#(moment)","source":"hub","models":\#(rows)}"#

    func read(
        _ text: String, name: String = "f.json", observedAt: String? = nil
    ) -> ObservationFile {
        ObservationReading(name: name, observedAt: observedAt.flatMap { Timestamp(rfc3339: $0) })
            .read([UInt8](text.utf8))
    }

    @Test(arguments: [
        (recording, "f.json", String?.none, [moment]),
        (rows, "2026-05-04T0843Z.json", nil, ["2026-05-04T08:43:00.000Z"]),
        (rows, "f.json", "2026-05-01T00:00:00Z", ["2026-05-01T00:00:00.000Z"]),
        (rows, "2026-05-04T0843Z.json", "2026-05-01", ["2026-05-01T00:00:00.000Z"]),
        // What the recording says itself wins over names and flags.
        (recording, "2026-01-01T0000Z.json", "2026-05-01", [moment]),
        (#"{"date":"2026-02-01","models":\#(rows)}"#, "f", nil, ["2026-02-01T00:00:00.000Z"]),
        (#"{"models":\#(rows)}"#, "2026-05-04.json", nil, ["2026-05-04T00:00:00.000Z"]),
        ("\n \(rows)\n\n", "2026-05-04.json", nil, ["2026-05-04T00:00:00.000Z"]),
        ("[\n{\"id\":\"a/b\"},\n{\"id\":\"c/d\"}\n]", "2026-05-04.json", nil, ["2026-05-04T00:00:00.000Z"]),
        ("{\n\"fetchedAt\":\"\(moment)\",\n\"models\":\(rows)\n}", "f", nil, [moment]),
        (#"[{"modelId":"a/b"}]"#, "2026-05-04.json", nil, ["2026-05-04T00:00:00.000Z"]),
        (#"[7,{"id":"a/b"}]"#, "2026-05-04.json", nil, ["2026-05-04T00:00:00.000Z"]),
        (
            #"{"date":"2026-02-01","models":\#(rows)}"# + "\r\n\r\n" + #"{"date":"2026-02-02","models":\#(rows)}"#, "f",
            nil, ["2026-02-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z"]
        ),
        (recording + "\n" + recording, "f", nil, [moment, moment]),
    ])
    func recognised(text: String, name: String, observedAt: String?, moments: [String]) {
        let file = read(text, name: name, observedAt: observedAt)
        #expect(file.faults.isEmpty, "\(file.faults)")
        #expect(file.observations.map(\.observedAt.rfc3339) == moments)
    }

    @Test(arguments: [
        ("", "f.json: the file is empty"),
        (" \n\n", "f.json: the file is empty"),
        ("garbage", "f.json, byte 0: not JSON: "),
        (#"[{"id":"a/b"}, {"#, "f.json, byte 16: not JSON: the text ends early"),
        ("{\"models\":[\n{\"id\":\"a/b\"},\n]}", "f.json, byte 26: not JSON: "),
        ("[]", "f.json: the listing has no rows"),
        ("[1,2]", "f.json: no row of the listing has a text \"id\""),
        (#"[{"id":7}]"#, "f.json: no row of the listing has a text \"id\""),
        ("{}", "f.json: not a listing: "),
        ("\"text\"", "f.json: not a listing: "),
        ("7", "f.json: not a listing: "),
        (#"{"models":{}}"#, "f.json: not a listing: "),
        (rows, "f.json: nothing says when this was observed: "),
        (#"{"fetchedAt":7,"models":\#(rows)}"#, "f.json: \"fetchedAt\" is not a time"),
        (#"{"date":"yesterday","models":\#(rows)}"#, "f.json: \"date\" is not a time"),
        (rows + rows, "f.json, byte 41: not JSON: content after the value"),
    ])
    func refused(text: String, reason: String) {
        let file = read(text)
        #expect(file.observations.isEmpty)
        #expect(file.faults.count == 1)
        #expect(file.faults.first?.description.hasPrefix(reason) == true, "\(file.faults)")
    }

    /// The file's own time is the last resort, and it is known that it was.
    @Test(arguments: [
        (rows, "f.json", String?.none, true), (rows, "f.json", "2026-05-04", false),
        (rows, "2026-05-04T0843Z.json", nil, false), (recording, "f.json", nil, false),
    ])
    func anArrayThatSaysNothingIsOfWhenItWasWritten(
        text: String, name: String, observedAt: String?, isDatedByFile: Bool
    ) {
        let written = Timestamp(milliseconds: 1_700_000_000_123)
        let moment = observedAt.flatMap { Timestamp(rfc3339: $0) }
        let file = ObservationReading(name: name, observedAt: moment, writtenAt: written).read([UInt8](text.utf8))
        #expect(file.faults.isEmpty && file.isDatedByFile == isDatedByFile)
        #expect((file.observations.first?.observedAt == written) == isDatedByFile)
    }

    @Test func aBadLineDoesNotHideTheOthers() {
        let good = #"{"date":"2026-02-01","models":\#(Self.rows)}"#
        let bad = #"{"date":"2026-02-02","models":[{"id":"#
        let unsaid = #"{"models":\#(Self.rows)}"#
        let file = read([good, bad, unsaid, good].joined(separator: "\n"), name: "2026-05-04.json")
        #expect(file.observations.map(\.source) == ["2026-05-04.json, line 1", "2026-05-04.json, line 4"])
        #expect(file.faults.map(\.line) == [2, 3])
        #expect(file.faults.first?.byteOffset == good.utf8.count + 1 + bad.utf8.count)
    }

    @Test func aBadFirstLineDoesNotHideTheSecond() {
        let good = #"{"date":"2026-02-01","models":\#(Self.rows)}"#
        let file = read("{\"date\":\n" + good)
        #expect(file.observations.count == 1)
        #expect(file.faults.map(\.line) == [1])
    }

    @Test func theEvidenceIsKeptByteForByte() {
        let line = #"{"date": "2026-02-01",  "models": [ {"id":"a/b","n":1.0} ]}"#
        let file = read(line + "\n" + Self.recording)
        #expect(file.observations.first?.body == [UInt8](line.utf8))
        #expect(file.observations.first?.rowCount == 1)
    }

    @Test func packedFilesAreUnpacked() {
        let bytes = [UInt8](Self.recording.utf8)
        let reading = ObservationReading(name: "f", observedAt: nil)
        #expect(reading.read(Gzip.compress(bytes)) == reading.read(bytes))
        #expect(reading.read(Zstd.compress(bytes)) == reading.read(bytes))
    }

    @Test func damagedPackingIsNamed() {
        let packed = Array(Gzip.compress([UInt8](Self.recording.utf8)).dropLast(9))
        let file = ObservationReading(name: "f.gz", observedAt: nil).read(packed)
        #expect(file.faults.map(\.description) == ["f.gz: gzip data ends early"])
    }
}
