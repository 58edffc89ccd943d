import Daemon
import Deployment
import HTTPClient
import Model
import TestKit
import Testing

@testable import fetcher

@Suite struct FetcherSettingsTests {
    private func settings(_ values: [String: String]) throws -> FetcherSettings {
        let standard = ["HELICARRIER_CONFIG_DIR": Repository.root + "/config"]
        return try FetcherSettings(Environment(standard.merging(values) { _, new in new }))
    }

    @Test(arguments: [
        [:],
        [
            "HELICARRIER_HUB_URL": "", "HELICARRIER_HUB_BUDGET": "", "HELICARRIER_REFRESH": "",
            "HELICARRIER_HUB_PAGES": "", "HELICARRIER_HUB_TOKEN": "", "HELICARRIER_HUB_TOKEN_FILE": "",
            "CREDENTIALS_DIRECTORY": "",
        ],
    ])
    func unsetAndEmptyAreTheSame(values: [String: String]) throws {
        let settings = try settings(values)
        #expect(settings.hub?.base.text == "https://huggingface.co/")
        #expect(settings.budget == .standard)
        #expect(settings.refresh == Period(.hours(1)))
        #expect(settings.pagesPerListing == 5)
        #expect(settings.token == nil)
        #expect(settings.curated.first == "meta-llama/Meta-Llama-3-8B" && settings.curated.count == 5)
    }

    @Test func everyValueIsTaken() throws {
        let settings = try settings([
            "HELICARRIER_HUB_URL": "http://127.0.0.1:8181/", "HELICARRIER_HUB_BUDGET": "5/10s",
            "HELICARRIER_REFRESH": "15m", "HELICARRIER_HUB_PAGES": "1", "HELICARRIER_HUB_TOKEN": "hf_x",
        ])
        #expect(settings.hub?.base.port == 8_181)
        #expect(settings.budget.rules == [CallBudget.Rule(calls: 5, window: .seconds(10))])
        #expect(settings.refresh == Period(.minutes(15)))
        #expect(settings.pagesPerListing == 1)
        #expect(settings.token?.reveal() == "hf_x")
    }

    @Test func offTurnsTheUpstreamAndTheClockOff() throws {
        let settings = try settings(["HELICARRIER_HUB_URL": "off", "HELICARRIER_REFRESH": "off"])
        #expect(settings.hub == nil && settings.refresh == nil)
    }

    @Test(arguments: [
        ("HELICARRIER_HUB_URL", "hub.example"), ("HELICARRIER_HUB_URL", "ftp://hub.example"),
        ("HELICARRIER_HUB_URL", "https://hub.example/?a=b"), ("HELICARRIER_HUB_URL", "https://a:b@hub.example"),
        ("HELICARRIER_HUB_URL", "OFF"), ("HELICARRIER_HUB_BUDGET", "300"), ("HELICARRIER_HUB_BUDGET", "0/5m"),
        ("HELICARRIER_REFRESH", "1"), ("HELICARRIER_REFRESH", "0s"), ("HELICARRIER_REFRESH", "never"),
        ("HELICARRIER_HUB_PAGES", "0"), ("HELICARRIER_HUB_PAGES", "-1"), ("HELICARRIER_HUB_PAGES", "many"),
        ("HELICARRIER_HUB_PAGES", "10001"), ("HELICARRIER_HUB_TOKEN_FILE", "/nonexistent/token"),
        ("HELICARRIER_SYNC", "sometimes"),
    ])
    func aWrongValueIsRefusedByName(name: String, value: String) {
        let error = #expect(throws: SettingError.self) { try settings([name: value]) }
        #expect(error?.description.contains(name) == true)
        #expect(error?.description.contains("a:b@") == false)
    }

    @Test func theTokenMayStandInAFileOrACredential() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write([UInt8]("hf_file\n".utf8), to: "hub-token")
        #expect(try settings(["HELICARRIER_HUB_TOKEN_FILE": path]).token?.reveal() == "hf_file")
        #expect(try settings(["CREDENTIALS_DIRECTORY": folder.path]).token?.reveal() == "hf_file")
        let both = ["HELICARRIER_HUB_TOKEN": "hf_env", "HELICARRIER_HUB_TOKEN_FILE": path]
        #expect(try settings(both).token?.reveal() == "hf_env")
        let token = try settings(both).token
        #expect(!"\(token as Any)".contains("hf_env"))
    }

    @Test func anEmptyTokenFileIsNoToken() throws {
        let folder = try TemporaryDirectory()
        let path = try folder.write([UInt8](" \n".utf8), to: "hub-token")
        #expect(try settings(["HELICARRIER_HUB_TOKEN_FILE": path]).token == nil)
        #expect(try settings(["CREDENTIALS_DIRECTORY": folder.path]).token == nil)
    }
}
