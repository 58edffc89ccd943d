import Daemon
import Testing
import Webhooks

@Suite struct DestinationSettingsTests {
    @Test func withoutSettingsOnlyThePublicInternetIsOpen() throws {
        let policy = try DestinationSettings.policy(Environment([:]))
        #expect(policy.allowed.isEmpty && policy.ports == [443, 8_443, 80, 8_080])
    }

    @Test(arguments: [("127.0.0.0/8", 1), ("10.0.0.0/8,fd00::/8", 2), ("10.0.0.0/8 , 192.168.0.0/16", 2)])
    func networksAreRead(text: String, count: Int) throws {
        let policy = try DestinationSettings.policy(Environment(["HELICARRIER_WEBHOOK_ALLOW": text]))
        #expect(policy.allowed.count == count)
    }

    @Test(arguments: ["443", "443,9000", "1, 65535"])
    func portsAreRead(text: String) throws {
        let policy = try DestinationSettings.policy(Environment(["HELICARRIER_WEBHOOK_PORTS": text]))
        #expect(policy.ports.count == text.split(separator: ",").count)
    }

    @Test(arguments: [
        ("HELICARRIER_WEBHOOK_ALLOW", "172.16.0.0"), ("HELICARRIER_WEBHOOK_ALLOW", "10.1.0.0/8"),
        ("HELICARRIER_WEBHOOK_ALLOW", "172.16.0.0/12,"), ("HELICARRIER_WEBHOOK_ALLOW", "10.0.0.0/8 fd00::/8"),
        ("HELICARRIER_WEBHOOK_ALLOW", "localhost"), ("HELICARRIER_WEBHOOK_PORTS", "0"),
        ("HELICARRIER_WEBHOOK_PORTS", "65536"), ("HELICARRIER_WEBHOOK_PORTS", "443,"),
        ("HELICARRIER_WEBHOOK_PORTS", "https"),
    ])
    func anythingElseIsRefusedByName(name: String, text: String) {
        let error = #expect(throws: SettingError.self) { try DestinationSettings.policy(Environment([name: text])) }
        #expect(error?.description.contains(name) == true && error?.description.contains(text) == false)
    }
}

@Suite struct WebhookEventTests {
    @Test(arguments: ["*", "model.*", "model.anomaly.*", "snapshot.created", "job.*", "alert.critical"])
    func typesAndTheirGroupsAreKnown(pattern: String) {
        #expect(WebhookEvent.isKnown(pattern: pattern))
    }

    @Test(arguments: [
        "", "model", "model.", ".*", "mod*", "model.added.*", "model.*.x", "**", "subscription.verification",
        "subscription.test", "MODEL.*",
    ])
    func anythingElseIsNot(pattern: String) {
        #expect(!WebhookEvent.isKnown(pattern: pattern))
    }
}
