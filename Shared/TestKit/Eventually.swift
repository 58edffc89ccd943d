/// Something did not happen in time.
package struct Overdue: Error, CustomStringConvertible {
    package let description: String
}

/// Waits until `look` finds something that another process does and this one can only look at. Where there is an event
/// to wait for, wait for it.
@discardableResult
package func eventually<Found>(
    _ what: String, atMost limit: Duration = .seconds(180), _ look: () async throws -> Found?
) async throws -> Found {
    let end = ContinuousClock.now + limit
    while true {
        if let found = try await look() { return found }
        guard ContinuousClock.now < end else { throw Overdue(description: "not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
