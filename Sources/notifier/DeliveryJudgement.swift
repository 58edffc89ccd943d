import HTTPClient
import Model

/// What one attempt means for its delivery.
enum DeliveryJudgement: Equatable, Sendable {
    case success
    case failed(Fault)
    /// The receiver is overloaded, or too slow: it gets time.
    case throttled(Fault, retryAfter: Duration?)
    /// The receiver wants nothing any more.
    case gone(Fault)

    /// Why an attempt is no success, in the words of the attempt log.
    struct Fault: Equatable, Sendable {
        let errorClass: ErrorClass
        let message: String
    }

    enum ErrorClass: String, Sendable, CaseIterable {
        case dns, connect, tls, timeout
        case refusedAddress = "refused_address"
        case redirect = "http_3xx"
        case refusal = "http_4xx"
        case breakdown = "http_5xx"
        case tooLarge = "too_large"
        case protocolViolation = "protocol"
    }

    var fault: Fault? {
        switch self {
        case .success: nil
        case .failed(let fault), .throttled(let fault, _), .gone(let fault): fault
        }
    }

    var pause: DeliverySchedule.Pause {
        if case .throttled(_, let retryAfter) = self { .asked(for: retryAfter) } else { .none }
    }

    /// - Parameter now: what a `Retry-After` that names a moment is counted from.
    init(_ response: ClientResponse, now: Timestamp) {
        let status = response.status
        let answered = "the receiver answered \(status)"
        switch status {
        case 200...299: self = .success
        case 300...399:
            self = .failed(Fault(errorClass: .redirect, message: "\(answered); redirects are not followed"))
        case 410: self = .gone(Fault(errorClass: .refusal, message: answered))
        case 429:
            self = .throttled(Fault(errorClass: .refusal, message: answered), retryAfter: Self.wish(response, now))
        case 502, 503, 504:
            self = .throttled(Fault(errorClass: .breakdown, message: answered), retryAfter: Self.wish(response, now))
        case 400...499: self = .failed(Fault(errorClass: .refusal, message: answered))
        case 500...599: self = .failed(Fault(errorClass: .breakdown, message: answered))
        default: self = .failed(Fault(errorClass: .protocolViolation, message: answered))
        }
    }

    init(_ error: ClientError) {
        let fault = Fault(errorClass: ErrorClass(error.kind), message: error.message)
        self = fault.errorClass == .timeout ? .throttled(fault, retryAfter: nil) : .failed(fault)
    }

    static func refused(_ message: String) -> DeliveryJudgement {
        .failed(Fault(errorClass: .refusedAddress, message: message))
    }

    static func notUnderstood(_ message: String) -> DeliveryJudgement {
        .failed(Fault(errorClass: .protocolViolation, message: message))
    }

    /// `Retry-After` in either form (RFC 9110, section 10.2.3); nonsense counts as nothing said.
    private static func wish(_ response: ClientResponse, _ now: Timestamp) -> Duration? {
        response.headers.first("Retry-After").flatMap { RetryAfter.wait($0, now: now.milliseconds) }
    }
}

extension DeliveryJudgement.ErrorClass {
    init(_ kind: ClientError.Kind) {
        self =
            switch kind {
            case .dns: .dns
            case .connect: .connect
            case .tls: .tls
            case .timeout: .timeout
            case .tooLarge: .tooLarge
            case .protocolViolation, .cancelled, .invalidURL, .invalidRequest: .protocolViolation
            }
    }
}
