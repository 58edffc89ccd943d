import Deployment
import Model
import Testing

@testable import scorer

@Suite struct V3ModelTests {
    @Test(arguments: [
        ("Llama 3 8B", "llama-3-8b"), ("Mistral 7B Instruct v0.2", "mistral-7b-instruct-v0-2"), ("  x  ", "x"),
        ("--A__B--", "a-b"), ("模型 7B", "7b"), ("---", ""), ("", ""), ("Ünïcode", "n-code"),
    ])
    func slugsKeepLettersAndDigits(name: String, slug: String) {
        #expect(V3Model.slug(name) == slug)
    }

    @Test(
        arguments: [
            (0, 0), (43_199_999, 0), (43_200_000, 1), (86_400_000, 1), (129_599_999, 1), (129_600_000, 2), (-1, 0),
            (-900_000_000, 0),
        ] as [(Int64, Int64)])
    func recencyIsRoundedToWholeDays(elapsed: Int64, days: Int64) {
        let start = Timestamp(milliseconds: 1_777_000_000_000)
        let end = Timestamp(milliseconds: start.milliseconds + elapsed)
        #expect(V3Model.days(from: start, to: end) == days)
    }

    @Test(
        arguments: [
            ([], 0, 1), ([0], 0, 1), ([7], 6, 8), ([7, 7], 6, 8), ([3, 9, 4], 3, 9), ([0, 0], 0, 1), ([1], 0, 2),
        ] as [([Int64], Int64, Int64)])
    func rangesAreNeverEmpty(values: [Int64], min: Int64, max: Int64) {
        let range = V3Range(of: values)
        #expect(range.min == min)
        #expect(range.max == max)
    }

    @Test(arguments: [(0.04, 0), (0.05, 1), (8.35, 84), (99.96, 1_000), (0.049_999_999_999_999_996, 0), (84.25, 843)])
    func roundingIsThatOfECMAScript(value: Double, tenths: Int) {
        #expect(V3Scores.rounded(value) == Tenths(Int32(tenths)))
    }

    @Test func anUnknownCounterIsZeroAndAHugeOneIsExactForItsReaders() {
        let figures = CuratedFigures(downloads: nil, likes: .max, lastModified: nil)
        #expect(figures.downloads == 0)
        #expect(figures.likes == 9_007_199_254_740_991)
    }
}
