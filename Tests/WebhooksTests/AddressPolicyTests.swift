import Testing

@testable import Webhooks

@Suite struct AddressTextTests {
    @Test(arguments: [
        "0.0.0.0", "1.2.3.4", "255.255.255.255", "::", "::1", "1::", "2001:db8::1", "2606:4700::1111", "::ffff:1.2.3.4",
        "fe80::1:2:3:4", "1:2:3:4:5:6:7:8", "64:ff9b::808:808", "1:0:0:2::3",
    ])
    func theCanonicalTextIsRead(text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", " ", "1", "1.2", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.04", "0x1.2.3.4", "1.2.3.256", "1.2.3.-4",
        "+1.2.3.4",
        "1.2.3.4 ", " 1.2.3.4", "1.2.3.4\0", "1.2.3.4\0.example", "1.2.3.4/8", "1..2.3", "2130706433", "0x7f000001",
        "::FFFF:1.2.3.4", "2001:DB8::1", "2001:0db8::1", "2001:db8:0:0::1", "0:0:0:0:0:0:0:1", "::ffff:102:304", ":::",
        "1:::2",
        "1::2::3", "fe80::1%eth0", "fe80::1%1", "[::1]", "::1]", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::g",
        "localhost",
        "::1.2.3", "１.2.3.4",
    ])
    func everyOtherSpellingIsRefused(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0", true), ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false), ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::", false),
        ("::/0", "ffff::", true), ("::/0", "1.2.3.4", false), ("1.2.3.4/32", "1.2.3.4", true),
        ("1.2.3.4/32", "1.2.3.5", false),
        ("fc00::/7", "fdff::1", true), ("fc00::/7", "fe00::", false), ("2001:db8::1/128", "2001:db8::1", true),
        ("2001:db8::1/128", "2001:db8::2", false), ("10.0.0.0/8", "::ffff:10.0.0.1", false),
        ("128.0.0.0/1", "127.0.0.1", false),
    ])
    func aBlockContainsItsAddresses(block: String, address: String, inside: Bool) throws {
        #expect(try #require(CIDR(block)).contains(#require(IPAddress(address))) == inside)
        #expect(CIDR(block)?.description == block)
    }

    @Test(arguments: [
        "", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8",
        "10.1.0.0/8",
        "10/8", "::/129", "fd00::1/8", "fd00::/ 8", "10.0.0.0/8 ", "/8", "x/8", "10.0.0.0/255.0.0.0",
    ])
    func anOddBlockIsRefused(text: String) {
        #expect(CIDR(text) == nil)
    }
}

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255",
        "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.254",
        "255.255.255.255", "::",
        "::1", "::2", "::127.0.0.1", "::8.8.8.8", "ff::1", "0:1::1", "64:ff9b::808:808", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "64:ff9b:1:ffff::1", "100::", "100::ffff:ffff:ffff:ffff", "2001:db8::1", "2001:db8:ffff::1",
        "2002::",
        "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1", "fdff::1", "fe80::1",
        "febf::1", "ff02::1", "ffff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::ffff:0.0.0.0", "::ffff:192.168.1.1", "64:ff9c::1", "64:ff9b:2::1", "::ffff:0:0:1", "fd00:ec2::254",
    ])
    func whatIsNotThePublicInternetIsRefused(text: String) throws {
        let refusal = AddressPolicy().refusal(of: try #require(IPAddress(text)))
        guard case .address = refusal else {
            Issue.record("\(text) passes")
            return
        }
        #expect(refusal?.description.hasPrefix("\(text) is not on the public internet: ") == true)
    }

    @Test(arguments: [
        "1.0.0.0", "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
        "192.0.3.0",
        "192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
        "198.51.99.255",
        "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888",
        "2001:db7:ffff::1", "2001:db9::1", "2003::1", "100:0:0:1::", "3ffe::1",
        "3fff:1000::1",
        "5eff::1", "5f01::1", "fbff::1", "fe00::1", "fec0::1", "::ffff:8.8.8.8",
    ])
    func thePublicInternetIsOpen(text: String) throws {
        #expect(AddressPolicy().refusal(of: try #require(IPAddress(text))) == nil)
    }

    @Test(arguments: [
        ("10.1.0.0/16", "10.1.2.3", true), ("10.1.0.0/16", "10.2.0.1", false), ("10.1.0.0/16", "::ffff:10.1.2.3", true),
        ("10.1.0.0/16", "::10.1.2.3", false), ("10.1.0.0/16", "64:ff9b::a01:203", false),
        ("10.1.0.0/16", "2002:a01:203::1", false), ("10.1.0.0/16", "192.168.0.1", false),
        ("127.0.0.1/32", "127.0.0.1", true),
        ("127.0.0.1/32", "127.0.0.2", false), ("127.0.0.1/32", "::1", false), ("::1/128", "::1", true),
        ("::1/128", "127.0.0.1", false), ("fd00:1::/32", "fd00:1::5", true), ("fd00:1::/32", "fd00:2::5", false),
        ("64:ff9b::/96", "64:ff9b::808:808", true), ("64:ff9b::/96", "64:ff9b::a00:1", false),
        ("2002::/16", "2002:808:808::1", true), ("2002::/16", "2002:7f00:1::1", false), ("::/0", "127.0.0.1", false),
        ("::/0", "::ffff:127.0.0.1", false), ("0.0.0.0/0", "127.0.0.1", true), ("8.8.8.8/32", "8.8.4.4", true),
    ])
    func theAllowListOpensWhatItNames(block: String, address: String, open: Bool) throws {
        let policy = AddressPolicy(allowing: [try #require(CIDR(block))])
        #expect((policy.refusal(of: try #require(IPAddress(address))) == nil) == open)
    }

    @Test func twoBlocksTogetherOpenATranslatedPrivateAddress() throws {
        let blocks = try ["64:ff9b::/96", "10.0.0.0/8"].map { try #require(CIDR($0)) }
        #expect(AddressPolicy(allowing: blocks).refusal(of: try #require(IPAddress("64:ff9b::a00:1"))) == nil)
    }

    @Test(
        arguments: [
            ("8.8.8.8", 443, true), ("8.8.8.8", 80, true), ("8.8.8.8", 8_080, true), ("8.8.8.8", 8_443, true),
            ("8.8.8.8", 22, false),
            ("8.8.8.8", 6_379, false), ("10.1.2.3", 6_379, true), ("::ffff:10.1.2.3", 6_379, true),
            ("2606:4700::1", 25, false),
        ] as [(String, UInt16, Bool)])
    func portsAreOpenInsideTheAllowListOnly(address: String, port: UInt16, open: Bool) throws {
        let policy = AddressPolicy(allowing: [try #require(CIDR("10.0.0.0/8"))])
        #expect((policy.refusal(of: try #require(IPAddress(address)), port: port) == nil) == open)
    }

    @Test func everyResolvedAddressIsJudged() throws {
        let open = try #require(IPAddress("8.8.8.8"))
        let closed = try #require(IPAddress("127.0.0.1"))
        let policy = AddressPolicy()
        #expect(policy.refusal(ofResolved: [open, open], port: 443) == nil)
        #expect(policy.refusal(ofResolved: [open], port: 25) == .port(25))
        #expect(policy.refusal(ofResolved: [], port: 443) == .noAddress)
        let loopback = DestinationRefusal.address(closed, range: "127.0.0.0/8", meaning: "loopback")
        #expect(policy.refusal(ofResolved: [open, closed], port: 443) == loopback)
        #expect(policy.refusal(ofResolved: [closed, open], port: 443) == loopback)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func aMappedAddressIsJudgedAsItsIPv4Address(seed: UInt64) {
        var state = seed &+ 1
        for _ in 0..<500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let bits = UInt32(truncatingIfNeeded: state >> 32)
            let plain = AddressPolicy().refusal(of: .v4(bits))
            let mapped = AddressPolicy().refusal(of: .v6(0xFFFF << 32 | UInt128(bits)))
            #expect((plain == nil) == (mapped == nil))
            #expect(AddressPolicy().refusal(of: .v6(UInt128(bits))) != nil)
            #expect(IPAddress(IPAddress.v4(bits).description) == .v4(bits))
        }
    }
}
