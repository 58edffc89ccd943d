import HTTPClient
import Jobs
import Model
import Store
import TestKit
import Testing
import Webhooks

@testable import notifier

/// What must never reach the network: the sender of these tests is a script, and it is never called.
@Suite struct RefusedDestinationTests {
    @Test(arguments: [
        ["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["192.168.1.1"], ["172.16.0.1"], ["100.64.0.1"],
        ["0.0.0.0"], ["224.0.0.1"], ["::1"], ["::"], ["fe80::1"], ["fe80::1%eth0"], ["fd00::1"], ["ff02::1"],
        ["::ffff:127.0.0.1"], ["::ffff:10.0.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["2001:db8::1"],
        ["93.184.216.34", "127.0.0.1"], ["127.0.0.1", "93.184.216.34"], ["93.184.216.34", "fd00::1"], [],
        ["not an address"],
    ])
    func anAddressThatIsNotPublicIsAFailedAttempt(addresses: [String]) async throws {
        let rig = try DeliveryRig(names: ["hooks.example.com": addresses])
        let id = try rig.emit()
        try await rig.work()
        #expect(rig.sent.isEmpty)
        let attempt = try #require(try rig.attempts(id).first)
        #expect(attempt.errorClass == "refused_address" && attempt.status == nil)
        let delivery = try rig.delivery(id)
        #expect(delivery.state == .pending && delivery.nextAttemptAt == rig.time.now() + .seconds(5))
        #expect(try rig.job().state == .done)
    }

    @Test(arguments: [
        "http://hooks.example.com/", "https://127.0.0.1/", "https://0x7f.1/", "https://2130706433/", "https://[::1]/",
        "https://hooks.example.com:22/", "https://user:pass@hooks.example.com/", "https://hooks.example.com./",
        "ftp://hooks.example.com/", "https://[fe80::1%25eth0]/", "nonsense",
    ])
    func aURLThatIsNotAllowedIsNotEvenResolved(url: String) async throws {
        let rig = try DeliveryRig(url: url)
        let id = try rig.emit()
        try await rig.work()
        #expect(rig.sent.isEmpty && rig.asked.isEmpty)
        #expect(try rig.attempts(id).first?.errorClass == "refused_address")
    }

    @Test func aNameThatTurnsInwardsLaterIsRefusedThen() async throws {
        let rig = try DeliveryRig()
        let id = try rig.emit()
        rig.answer(.status(500))
        try await rig.work()
        rig.resolve("hooks.example.com", to: ["127.0.0.1"])
        rig.time.advance(by: .seconds(10))
        try await rig.work()
        #expect(rig.sent.count == 1)
        #expect(try rig.attempts(id).map(\.errorClass) == ["http_5xx", "refused_address"])
    }

    @Test func anAllowedNetworkIsDialledOnAnyPort() async throws {
        let block = try #require(CIDR("127.0.0.0/8"))
        let rig = try DeliveryRig(
            url: "http://127.0.0.1:4711/x", allowHTTP: true, policy: AddressPolicy(allowing: [block]))
        _ = try rig.emit()
        rig.answer(.status(200))
        try await rig.work()
        #expect(rig.sent.first?.pinnedAddress == PinnedAddress(host: "127.0.0.1", port: 4_711, address: "127.0.0.1"))
        #expect(rig.asked.isEmpty, "an address needs no lookup")
    }

    @Test func aNameThatDoesNotResolveIsAFailedAttempt() async throws {
        let rig = try DeliveryRig(names: [:])
        let id = try rig.emit()
        try await rig.work()
        #expect(try rig.attempts(id).first?.errorClass == "dns")
        #expect(try rig.delivery(id).state == .pending)
    }
}
