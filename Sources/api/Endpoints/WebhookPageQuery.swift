import HTTPServer
import Model
import Store

extension WebhookEndpoints {
    /// Which part of a list is asked for.
    struct PageQuery: Sendable {
        private(set) var limit = WebhookEndpoints.usualLimit
        private(set) var state: Delivery.State?
        /// Behind which row the page begins.
        private(set) var place: (createdAt: Timestamp, id: String)?
        private let list: String

        init(
            _ items: [QueryItem], identity list: String, key: [UInt8], takesState: Bool = false
        ) throws(Refusal) {
            self.list = list
            var (faults, seen) = ([Problem.Fault](), Set<String>())
            var sealed: String?
            for item in items {
                var fault: (code: String, message: String)?
                if !seen.insert(item.name).inserted {
                    fault = ("repeated", "may be given once")
                } else if item.name == "limit" {
                    limit = item.value.utf8.allSatisfy { (48...57).contains($0) } ? Int(item.value) ?? 0 : 0
                    let bounds = WebhookEndpoints.limits
                    if !bounds.contains(limit) {
                        fault = ("out_of_range", "must be a whole number from 1 to \(bounds.upperBound)")
                    }
                } else if item.name == "cursor" {
                    sealed = item.value
                } else if item.name == "state", takesState {
                    state = Delivery.State(rawValue: item.value)
                    if state == nil { fault = ("unknown_value", "is not a state of deliveries") }
                } else {
                    fault = ("unknown_parameter", "is not a parameter of this route")
                }
                if let fault {
                    faults.append(
                        Problem.Fault(place: .parameter(item.name), code: fault.code, message: fault.message))
                }
            }
            guard faults.isEmpty else { throw Refusal(.invalidParameter, "A parameter is not valid.", faults: faults) }
            if let sealed { place = try read(sealed, key) }
        }

        private var identity: String { "\(list) state=\(state?.rawValue ?? "")" }

        func cursor(at place: (createdAt: Timestamp, id: String), key: [UInt8]) -> String {
            Cursor(snapshot: "\(place.createdAt.milliseconds) \(place.id)", query: identity, offset: 0).sealed(
                with: key)
        }

        private func read(_ sealed: String, _ key: [UInt8]) throws(Refusal) -> (createdAt: Timestamp, id: String) {
            guard let cursor = Cursor(sealed: sealed, key: key) else {
                throw Refusal(.cursorInvalid, "The cursor was not made by this service, or was changed.")
            }
            let parts = cursor.snapshot.split(separator: " ")
            guard cursor.query == identity, parts.count == 2, let moment = Int64(parts[0]) else {
                throw Refusal(.cursorMismatch, "The cursor was made for another list; start again without it.")
            }
            return (Timestamp(milliseconds: moment), String(parts[1]))
        }
    }
}
