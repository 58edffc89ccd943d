import HTTPServer
import Telemetry

extension Request {
    /// The next step of the caller's trace (W3C Trace Context), if it named one that is valid: what jobs carry on.
    var childTrace: String? {
        var random = SystemRandomNumberGenerator()
        return headers.first("traceparent").flatMap { TraceParent($0)?.child(using: &random).description }
    }
}
