import TestKit
import Testing

/// Where each point of the contract for HTTP surfaces is tested: a table to look things up in, whose names are checked.
@Suite struct ContractTableTests {
    struct Point: Sendable, CustomTestStringConvertible {
        let number: Int
        let says: String
        /// `File.test`, or a script of the conformance suite.
        let tests: [String]

        var testDescription: String { "\(number). \(says)" }
    }

    static let points = [
        Point(
            number: 1, says: "problem+json, the same bytes each time",
            tests: [
                "RefusalTests.itSaysPlanAndLimit", "RefusalTests.theSameRefusalHasTheSameBytes",
                "DoorTests.theSameBadRequestGetsTheSameBytes", "ProblemTests.theSameFaultsInAnyOrderAreTheSameBytes",
                "EveryRouteTests.everyCodeLeadsToItsExplanation", "EveryRouteTests.whatTheServerRefusesIsAProblemToo",
                "test_malformed.py",
            ]),
        Point(
            number: 2, says: "404, 405, 415, 406, 413, 414, 431, 400",
            tests: [
                "ServiceRouteTests.anUnknownRouteIsAProblem",
                "ServiceRouteTests.aWrongMethodIsAProblemThatNamesTheRightOnes",
                "IdempotencyTests.bytesThatAreNoTextAndOtherTypesAreRefused",
                "DoorTests.whatIsNotAcceptedIsNotGiven", "ServerLimitTests.longHeadsAreRefused",
                "ServerLimitTests.aBodyThatSaysItIsTooLongIsRefusedBeforeItIsSent",
                "ServerLimitTests.whatCannotBeReadIsAnsweredByTheRouter",
                "IdempotencyTests.aBodyThatIsNoOrderIsRefusedWithItsPlace",
            ]),
        Point(
            number: 3, says: "cursors, limit, Link, no duplicate and no skip",
            tests: [
                "ListRouteTests.allPagesTogetherHaveEachModelOnce",
                "ListRouteTests.aWalkStaysInItsSnapshotWhileNewerOnesLand",
                "ListRouteTests.aCursorServesItsOwnQueryOnly", "CursorTests.noCharacterCanBeChangedDroppedOrAdded",
                "test_walks.py",
            ]),
        Point(
            number: 4, says: "ETag, Cache-Control, Vary, 304, HEAD, If-Match",
            tests: ["EveryRouteTests.everyAnswerCanBeCachedComparedAndAskedForByItsHead"]),
        Point(
            number: 5, says: "Idempotency-Key",
            tests: [
                "IdempotencyTests.aNamedRequestIsDoneOnceAndAnsweredAlike",
                "IdempotencyTests.whatAnotherProcessDoesIsWaitedFor",
                "IdempotencyTests.aProcessThatDiedHoldsItsKeyForThirtySeconds",
                "IdempotencyTests.whoLostTheKeyKeepsNothing", "IdempotencyTests.everyRouteThatCreatesTakesAKey",
                "test_processes.py",
            ]),
        Point(
            number: 6, says: "rate limits over all processes",
            tests: [
                "RateLimiterTests.allProcessesTogetherGrantTheLimitAndNoMore",
                "DoorTests.aLimitCountsByTokenElseByAddressAndSaysWhenToComeBack",
                "DoorTests.whatTheReaderHasAlreadyIsFree", "RefusalTests.itCountsLikeEveryRequest",
                "test_processes.py",
            ]),
        Point(
            number: 7, says: "gzip and zstd by q-values, exports in constant memory",
            tests: [
                "RepresentationTests.theCodingIsTheOneThatIsLikedBest",
                "ServerLifeTests.aReaderThatStandsStillHoldsTheStreamBack",
                "ExportTests.theFileHasEachRowOnceInOrder",
            ]),
        Point(
            number: 8, says: "OpenAPI both ways, schemathesis",
            tests: ["DocumentTests.everyRouteForProgramsIsDescribedAndNothingElse", "test_openapi.py"]),
        Point(
            number: 9, says: "Deprecation and Sunset",
            tests: ["DoorTests.everyAnswerOfARouteOnItsWayOutSaysSo", "DoorTests.aRouteOnItsWayOutSaysSo"]),
        Point(
            number: 10, says: "/livez and /readyz",
            tests: [
                "ServiceRouteTests.aProcessThatIsNotReadyIsAlive", "ServiceRouteTests.readinessListsItsChecks",
                "ServiceRouteTests.aSchemaOfAnotherReleaseIsNotReady",
            ]),
        Point(
            number: 11, says: "OpenMetrics",
            tests: ["ServiceRouteTests.metricsAreWholeAndEnd", "test_openmetrics.py"]),
        Point(
            number: 12, says: "traceparent from API to job to webhook",
            tests: ["EveryRouteTests.aTraceGoesOnInTheJob", "DeliverStageTests.theRequestIsWhatReceiversExpect"]),
        Point(
            number: 13, says: "tokens",
            tests: [
                "DoorTests.aTokenThatOpensNothingIsRefusedOnOpenReadsToo",
                "TokenTests.theTextIsShownOnceAndOnlyItsDigestIsKept", "test_processes.py",
            ]),
        Point(
            number: 14, says: "CSV and its lossless twin",
            tests: [
                "ExportTests.textsThatLookLikeFormulasAreInert", "ExportTests.linesOfJSONAreTheModelsOfTheAPI",
                "test_walks.py",
            ]),
        Point(
            number: 15, says: "CORS, nosniff, CSP",
            tests: [
                "DoorTests.onlyPagesOfTheListMayRead", "RefusalTests.itSaysPlanAndLimit",
                "PageFrameTests.pagesObeyTheContentSecurityPolicy",
            ]),
        Point(
            number: 16, says: "integers within 2^53",
            tests: ["WritingTests.integersAreDecimal", "ListingRowTests.aFieldIsReadAndNothingElseChanges"]),
        Point(
            number: 17, says: "slow readers, half-open connections, idle ones and floods",
            tests: [
                "ServerCrowdTests.aThousandIdleConnectionsDoNotStopOthers",
                "ServerCrowdTests.readersThatDoNotReadDoNotStopOthers",
                "ServerCrowdTests.requestsThatNeverEndDoNotStopOthers",
                "ServerCrowdTests.aFloodOfBadRequestsDoesNotStopOthers",
                "ServerLifeTests.clientsThatSendAndLeaveDoNotUseUpTheConnections", "test_processes.py",
                "test_malformed.py",
            ]),
    ]

    private static let files = Repository.files(in: "Tests")

    @Test func everyPointIsThere() {
        #expect(Self.points.map(\.number) == Array(1...17))
    }

    @Test(arguments: points) func whatIsNamedExists(point: Point) {
        #expect(!point.tests.isEmpty)
        for test in point.tests {
            if test.hasSuffix(".py") {
                #expect(Self.files.contains { $0.path == "Tests/Conformance/\(test)" }, "\(test)")
                continue
            }
            let parts = test.split(separator: ".", omittingEmptySubsequences: false)
            let file = Self.files.first { $0.name == "\(parts[0]).swift" }
            #expect(file != nil, "\(parts[0])")
            #expect(file?.text.contains("func \(parts[1])") == true, "\(test)")
        }
    }
}
