import Model
import Testing

@Suite struct NamesTests {
    @Test func aSnapshotIsNamedByItsFeedAndMoment() throws {
        let moment = try #require(Timestamp(rfc3339: "2026-05-04T08:43:19.965Z"))
        #expect(Snapshot.id(feed: "transformers-js", observedAt: moment) == "transformers-js-20260504T084319965Z")
    }

    @Test(arguments: [("BAAI/bge-m3", "BAAI", "bge-m3"), ("gpt2", "gpt2", "gpt2"), ("a/b/c", "a", "b/c")])
    func aModelIsNamedByOwnerAndName(id: String, owner: String, name: String) {
        #expect(ModelID(id).owner == owner)
        #expect(ModelID(id).name == name)
        #expect(Listing(id: ModelID(id)).provider == owner)
    }

    @Test func idsAreOrderedBytewise() {
        let ids = ["b", "B", "a/b", "a-b", "ä", "a"].map(ModelID.init)
        #expect(ids.sorted().map(\.text) == ["B", "a", "a-b", "a/b", "b", "ä"])
    }

    @Test func aDeltaIsAValueOrAReason() {
        #expect(Delta.change(-3).value == -3)
        #expect(Delta.change(-3).reason == nil)
        #expect(Delta.missing(.newModel).value == nil)
        #expect(Delta.missing(.newModel).reason?.rawValue == "new_model")
    }

    @Test(arguments: [(5, 3, "005"), (1_234, 3, "1234"), (0, 1, "0")])
    func numbersArePaddedToAWidth(number: Int, width: Int, text: String) {
        #expect(number.padded(width) == text)
    }

    @Test func momentsAndDurationsAddUp() {
        let moment = Timestamp(milliseconds: 1_000)
        #expect(moment + .seconds(2) == Timestamp(milliseconds: 3_000))
        #expect(moment - .days(1) == Timestamp(milliseconds: 1_000 - 86_400_000))
        #expect(moment + .minutes(1) - moment == .seconds(60))
        #expect((moment - .hours(1) - moment).milliseconds == -3_600_000)
    }
}
