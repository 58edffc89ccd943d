import HTTPClient
import Model
import Testing

@testable import notifier

@Suite struct DeliveryJudgementTests {
    static let now = Timestamp(milliseconds: 1_767_225_600_000)

    @Test(arguments: [200, 201, 202, 204, 299])
    func every2xxIsASuccess(status: Int) {
        #expect(DeliveryJudgement(ClientResponse(status: status), now: Self.now) == .success)
    }

    @Test func a2xxWithAHugeBodyIsASuccess() {
        let response = ClientResponse(status: 200, body: [UInt8](repeating: 65, count: 16_384), truncated: true)
        #expect(DeliveryJudgement(response, now: Self.now) == .success)
    }

    @Test(arguments: [
        (300, "http_3xx"), (301, "http_3xx"), (302, "http_3xx"), (307, "http_3xx"), (308, "http_3xx"),
        (400, "http_4xx"), (401, "http_4xx"), (404, "http_4xx"), (408, "http_4xx"), (422, "http_4xx"),
        (500, "http_5xx"), (501, "http_5xx"), (505, "http_5xx"), (599, "http_5xx"), (199, "protocol"),
        (600, "protocol"), (0, "protocol"),
    ])
    func otherStatusesFail(status: Int, errorClass: String) {
        let judgement = DeliveryJudgement(ClientResponse(status: status), now: Self.now)
        guard case .failed(let fault) = judgement else {
            Issue.record("\(status) is \(judgement)")
            return
        }
        #expect(fault.errorClass.rawValue == errorClass)
        #expect(fault.message.contains("\(status)"))
        #expect(judgement.pause == .none)
    }

    @Test(
        arguments: [
            (429, "17", 17_000), (502, "0", 0), (503, "120", 120_000), (504, "-3", 0), (429, "soon", nil),
            (503, nil, nil), (429, "Thu, 01 Jan 2026 00:01:30 GMT", 90_000),
            (429, "Thu, 01 Jan 2025 00:00:00 GMT", 0),
        ] as [(Int, String?, Int64?)])
    func anOverloadedReceiverIsGivenTime(status: Int, header: String?, milliseconds: Int64?) {
        let headers = header.map { [HeaderLine("Retry-After", $0)] } ?? []
        let judgement = DeliveryJudgement(
            ClientResponse(status: status, headers: ResponseHeaders(headers)), now: Self.now)
        #expect(judgement.pause == .asked(for: milliseconds.map { .milliseconds($0) }))
        #expect(judgement.fault?.errorClass.rawValue == (status == 429 ? "http_4xx" : "http_5xx"))
    }

    @Test func aReceiverThatIsGoneIsLeftAlone() {
        guard case .gone(let fault) = DeliveryJudgement(ClientResponse(status: 410), now: Self.now) else {
            Issue.record("410 is not gone")
            return
        }
        #expect(fault.errorClass == .refusal)
    }

    @Test(arguments: [
        (ClientError.Kind.dns, "dns"), (.connect, "connect"), (.tls, "tls"), (.tooLarge, "too_large"),
        (.protocolViolation, "protocol"), (.invalidURL, "protocol"), (.invalidRequest, "protocol"),
        (.cancelled, "protocol"),
    ])
    func errorsFailWithTheirClass(kind: ClientError.Kind, errorClass: String) {
        let judgement = DeliveryJudgement(ClientError(kind, "why"))
        guard case .failed(let fault) = judgement else {
            Issue.record("\(kind) is \(judgement)")
            return
        }
        #expect(fault == DeliveryJudgement.Fault(errorClass: fault.errorClass, message: "why"))
        #expect(fault.errorClass.rawValue == errorClass)
    }

    @Test func aReceiverThatIsTooSlowIsGivenTime() {
        let judgement = DeliveryJudgement(ClientError(.timeout, "15 s"))
        #expect(judgement.pause == .asked(for: nil))
        #expect(judgement.fault?.errorClass == .timeout)
    }

    @Test func theClassesAreThoseOfTheContract() {
        let known = Set(DeliveryJudgement.ErrorClass.allCases.map(\.rawValue))
        #expect(
            known == [
                "dns", "connect", "tls", "timeout", "refused_address", "http_3xx", "http_4xx", "http_5xx", "too_large",
                "protocol",
            ])
    }
}
