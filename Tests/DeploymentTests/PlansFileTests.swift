import Deployment
import Model
import TestKit
import Testing

@Suite struct PlansFileTests {
    private static let one = """
        {"name":"a","rate":"60/1m","pageSize":25,"filterDepth":2,"exports":false,"customProfiles":false,\
        "webhooks":{"subscriptions":0,"concurrency":1}}
        """

    private func read(_ text: String) throws -> PlanBook { try PlanBook(parsing: [UInt8](text.utf8)) }

    @Test func theExampleIsAPlanFile() throws {
        let files = Repository.files(in: "docs/examples", ending: ".json")
        let book = try read(try #require(files.first { $0.name == "plans.json" }).text)
        #expect(book.plans.map(\.name) == ["free", "team"] && book.anonymous?.name == "free")
        #expect(book.plan(of: nil).name == "free" && book.plan(of: "gone").name == "free")
        let team = book.plan(of: "team")
        #expect(team.rate == RateLimit(requests: 1_200, window: .minutes(1)) && team.sla == "99.5")
        #expect(team.hasExport && team.hasCustomProfiles && team.subscriptions == 20 && team.priority == -1)
    }

    @Test func withoutAnAnonymousPlanThereIsNone() throws {
        #expect(try read(#"{"version":1,"standard":"a","plans":[\#(Self.one)]}"#).anonymous == nil)
    }

    @Test(arguments: [
        (#"{"version":1,"standard":"b","plans":[ONE]}"#, "/standard"),
        (#"{"version":1,"standard":"a","anonymous":"b","plans":[ONE]}"#, "/anonymous"),
        (#"{"version":1,"standard":"a","plans":[ONE,ONE]}"#, "/plans/1/name"),
        (#"{"version":1,"standard":"a","plans":[]}"#, "/standard"),
        (#"{"version":1,"standard":"a","plans":[ONE],"more":1}"#, "/more"),
        (#"{"version":1,"plans":[ONE]}"#, "/standard"),
    ])
    func aFileThatIsWrongIsRefusedWithItsPlace(text: String, pointer: String) throws {
        let whole = text.split(separator: "ONE", omittingEmptySubsequences: false).joined(separator: Self.one)
        let error = #expect(throws: DeploymentError.self) { try read(whole) }
        #expect(error?.pointer == pointer && error?.file == "plans.json")
    }

    @Test(arguments: [
        ("\"60/1m\"", "\"60\"", "/plans/0/rate"), ("\"60/1m\"", "\"0/1m\"", "/plans/0/rate"),
        ("\"60/1m\"", "\"60/2d\"", "/plans/0/rate"), ("25", "101", "/plans/0/pageSize"),
        ("\"exports\":false", "\"exports\":0", "/plans/0/exports"), ("\"a\"", "\"A\"", "/plans/0/name"),
    ])
    func aPlanThatIsWrongIsRefusedWithItsPlace(from: String, to: String, pointer: String) throws {
        let plan = Self.one.split(separator: from, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: to)
        let error = #expect(throws: DeploymentError.self) {
            try read(#"{"version":1,"standard":"a","plans":[\#(plan)]}"#)
        }
        #expect(error?.pointer == pointer)
    }
}
