import HTTPServer
import Testing

@testable import api

@Suite struct ProblemTests {
    private static let faults = [
        Problem.Fault(place: .parameter("limit"), code: "repeated", message: "may be given once"),
        Problem.Fault(place: .pointer("/b"), code: "type", message: "must be a \"string\""),
        Problem.Fault(place: .parameter("limit"), code: "out_of_range", message: "1 to 100"),
        Problem.Fault(place: .header("If-Match"), code: "missing", message: "is required"),
        Problem.Fault(place: .parameter("É"), code: "unknown_parameter", message: "no"),
    ]
    private static let expected = """
        {"type":"/docs/problems#invalid_parameter","title":"A parameter is not valid","status":400,\
        "detail":"Not valid.","instance":"/api/v4/models","code":"invalid_parameter","requestId":"req_1","errors":[\
        {"pointer":"/b","code":"type","message":"must be a \\"string\\""},\
        {"header":"If-Match","code":"missing","message":"is required"},\
        {"parameter":"limit","code":"out_of_range","message":"1 to 100"},\
        {"parameter":"limit","code":"repeated","message":"may be given once"},\
        {"parameter":"É","code":"unknown_parameter","message":"no"}]}
        """

    @Test func theSameFaultsInAnyOrderAreTheSameBytes() {
        var faults = Self.faults
        for _ in 0..<100 {
            faults.shuffle()
            let problem = Problem(code: .invalidParameter, detail: "Not valid.", faults: faults)
            #expect(problem.response(to: Request(.get, "/api/v4/models?b=c"), id: "req_1").text == Self.expected)
        }
    }

    @Test(arguments: Problem.Code.allCases)
    func everyCodeHasItsStatusAndType(code: Problem.Code) {
        let response = Problem(code: code, detail: "d").response(to: Request(.get, "/x"), id: "r")
        #expect(response.status == code.status && (400...599).contains(code.status))
        #expect(response.header("Content-Type") == "application/problem+json")
        #expect(response.header("Cache-Control") == "no-store")
        #expect(response.text.hasPrefix(#"{"type":"/docs/problems#\#(code.rawValue)","title":"\#(code.title)""#))
        let ofOnePlace: Set<Problem.Code> = [
            .cursorInvalid, .cursorMismatch, .cursorExpired, .unsupportedMediaType, .preconditionFailed,
            .preconditionRequired, .idempotencyMismatch,
        ]
        #expect(response.text.contains("errors") == ofOnePlace.contains(code))
        #expect((response.header("WWW-Authenticate") != nil) == (code == .unauthorized))
        #expect((response.header("Retry-After") != nil) == (code == .unavailable))
    }
}
