import JSON
import Webhooks

/// What somebody who creates a subscription asks for: the body of the request, checked.
struct WebhookOrder: Equatable, Sendable {
    static let largestBody = 64 << 10
    private static let longestDescription = 500
    private static let mostTypes = 64

    /// As it will be dialled.
    var url = ""
    var types = ["*"]
    var allowHTTP = false
    var description: String?
    var skipVerification = false

    /// Reads a body. Every fault is reported, in no particular order; unknown fields are faults.
    static func read(
        _ root: JSONNode, policy: AddressPolicy
    ) -> (order: WebhookOrder, faults: [Problem.Fault]) {
        guard root.kind == .object else {
            return (WebhookOrder(), [fault(.root, "wrong_type", "must be an object")])
        }
        var order = WebhookOrder()
        var faults: [Problem.Fault] = []
        var url: String?
        for (key, value) in root.members {
            let place = JSONPointer(key)
            switch key {
            case "url":
                url = value.string
                if url == nil { faults.append(fault(place, "wrong_type", "must be a string")) }
            case "types": faults += readTypes(value, at: place, into: &order)
            case "allowHttp": faults += readFlag(value, at: place, into: &order.allowHTTP)
            case "skipVerification": faults += readFlag(value, at: place, into: &order.skipVerification)
            case "description": faults += readDescription(value, at: place, into: &order)
            default: faults.append(fault(place, "unknown_field", "is not a field of a subscription"))
            }
        }
        if root["url"] == nil { faults.append(fault(JSONPointer("url"), "missing", "is required")) }
        if let url {
            do throws(DestinationRefusal) {
                order.url = try DestinationURL(url, allowHTTP: order.allowHTTP, policy: policy).text
            } catch {
                faults.append(fault(JSONPointer("url"), "refused_url", "\(error)"))
            }
        }
        return (order, faults)
    }

    private static func readTypes(
        _ value: JSONNode, at place: JSONPointer, into order: inout WebhookOrder
    ) -> [Problem.Fault] {
        guard value.kind == .array else { return [fault(place, "wrong_type", "must be an array of event types")] }
        guard (1...mostTypes).contains(value.count) else {
            return [fault(place, "out_of_range", "must have 1 to \(mostTypes) entries")]
        }
        order.types = []
        var faults: [Problem.Fault] = []
        for (index, element) in value.elements.enumerated() {
            let place = place.appending(index)
            guard let type = element.string else {
                faults.append(fault(place, "wrong_type", "must be a string"))
                continue
            }
            if !WebhookEvent.isKnown(pattern: type) {
                faults.append(fault(place, "unknown_value", "is no event type, and no group such as model.*"))
            } else if order.types.contains(type) {
                faults.append(fault(place, "repeated", "is in the list already"))
            } else {
                order.types.append(type)
            }
        }
        return faults
    }

    private static func readFlag(_ value: JSONNode, at place: JSONPointer, into flag: inout Bool) -> [Problem.Fault] {
        guard let read = value.bool else { return [fault(place, "wrong_type", "must be true or false")] }
        flag = read
        return []
    }

    private static func readDescription(
        _ value: JSONNode, at place: JSONPointer, into order: inout WebhookOrder
    ) -> [Problem.Fault] {
        if value.isNull { return [] }
        guard let text = value.string else { return [fault(place, "wrong_type", "must be a string")] }
        guard text.unicodeScalars.count <= longestDescription else {
            return [fault(place, "too_long", "must have at most \(longestDescription) characters")]
        }
        order.description = text
        return []
    }

    private static func fault(_ place: JSONPointer, _ code: String, _ message: String) -> Problem.Fault {
        Problem.Fault(place: .pointer(place.text), code: code, message: message)
    }
}
