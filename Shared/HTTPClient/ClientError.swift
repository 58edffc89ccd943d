/// Why a call has no response, sorted by the step that failed.
package struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The step that failed.
    package enum Kind: String, Sendable, CaseIterable {
        case dns
        case connect
        case tls
        case timeout
        /// The body is longer than the request allows, or the header than any answer's.
        case tooLarge
        /// The answer was not HTTP, could not be decoded, or broke off.
        case protocolViolation
        /// The task was cancelled, or the client shut down.
        case cancelled
        case invalidURL
        /// The request itself cannot be sent: a programmer's error, or a stranger's data in a header.
        case invalidRequest
    }

    package let kind: Kind
    package let message: String
    /// How far the call came.
    package let timings: Timings
    /// The address that was dialled, where it came that far.
    package let remoteAddress: String?
    /// What had come of the answer, where its status had: evidence, never a success.
    package let partialResponse: ClientResponse?

    package init(
        _ kind: Kind, _ message: String, timings: Timings = Timings(), remoteAddress: String? = nil,
        partialResponse: ClientResponse? = nil
    ) {
        self.kind = kind
        self.message = message
        self.timings = timings
        self.remoteAddress = remoteAddress
        self.partialResponse = partialResponse
    }

    package var description: String { "\(kind.rawValue): \(message)" }
}
