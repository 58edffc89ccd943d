import Model
import Testing

@testable import helicarrier

@Suite struct MomentInNameTests {
    @Test(arguments: [
        ("2026-05-04T0843Z.json.gz", "2026-05-04T08:43:00.000Z"),
        ("/data/2025/wire_2026-05-04T0843Z.json", "2026-05-04T08:43:00.000Z"),
        ("2026-05-04T08:43:19Z.json", "2026-05-04T08:43:19.000Z"),
        ("2026-05-04T08-43-19Z", "2026-05-04T08:43:19.000Z"),
        ("2026-05-04T08-43-19-965Z", "2026-05-04T08:43:19.965Z"),
        ("2026-05-04T08:43:19.965Z.json", "2026-05-04T08:43:19.965Z"),
        ("hub-20260504T084319965Z.json", "2026-05-04T08:43:19.965Z"),
        ("20260504T084319Z", "2026-05-04T08:43:19.000Z"),
        ("20260504T0843Z", "2026-05-04T08:43:00.000Z"),
        ("2026_05_04_0843Z.json", "2026-05-04T08:43:00.000Z"),
        ("listing 2026-05-04.json", "2026-05-04T00:00:00.000Z"),
        ("20260504.json", "2026-05-04T00:00:00.000Z"),
        ("2024-02-29.json", "2024-02-29T00:00:00.000Z"),
    ])
    func found(name: String, moment: String) {
        #expect(MomentInName.moment(in: name)?.rfc3339 == moment)
    }

    @Test(arguments: [
        "models.json", "", "2026.json", "2026-05.json", "2026-13-04.json", "2026-02-30T0843Z.json",
        "2026-05-04T0843.json", "2026-05-04T2543Z.json", "2026-05-04T08:43:19+02:00.json", "120260504.json",
        "2026-05-041.json", "/data/2026-05-04/models.json", "202605041.json",
    ])
    func notFound(name: String) {
        #expect(MomentInName.moment(in: name) == nil)
    }
}
