import JSON
import Jobs
import Store
import Webhooks

/// What somebody asks of a subscription: the body of a creation, or what a change leaves of the subscription as it is.
struct WebhookOrder: Equatable, Sendable {
    static let largestBody = 64 << 10
    private static let longestDescription = 500
    private static let mostTypes = 64
    /// Fields of a subscription that its owner does not write.
    private static let ownFields: Set = [
        "id", "state", "keys", "publicKey", "secret", "verifiedAt", "verificationSkipped", "disabledReason",
        "createdAt",
        "updatedAt", "signature",
    ]

    /// As it will be dialled.
    var url = ""
    var types = ["*"]
    /// JSON: fields of `data`, and the values that each may have.
    var filter: String?
    var isOrdered = false
    var allowHTTP = false
    var signature = Subscription.Signature.v1
    var description: String?
    var maxInFlight = Subscription.usualInFlight
    var ratePerSecond = Subscription.usualRate
    var skipVerification = false

    init() {}

    /// What was asked for when the subscription was last written.
    init(_ subscription: Subscription) {
        url = subscription.url
        types = subscription.types
        filter = subscription.filter
        isOrdered = subscription.isOrdered
        allowHTTP = subscription.allowHTTP
        signature = subscription.signature
        description = subscription.description
        maxInFlight = subscription.maxInFlight
        ratePerSecond = subscription.ratePerSecond
    }

    /// Reads the body of a creation. Every fault is reported, in no particular order; unknown fields are faults.
    static func read(
        _ root: JSONNode, policy: AddressPolicy
    ) -> (order: WebhookOrder, faults: [Problem.Fault]) {
        var order = WebhookOrder()
        var faults = order.take(root, isChange: false)
        if root.kind == .object, root["url"] == nil {
            faults.append(fault(JSONPointer("url"), "missing", "is required"))
        }
        faults += order.judge(root, policy)
        return (order, faults)
    }

    /// Applies a merge patch (RFC 7396) to a subscription: what is not named stays, `null` brings the default back.
    static func read(
        _ root: JSONNode, changing subscription: Subscription, policy: AddressPolicy
    ) -> (order: WebhookOrder, faults: [Problem.Fault]) {
        var order = WebhookOrder(subscription)
        var faults = order.take(root, isChange: true)
        faults += order.judge(root, policy)
        return (order, faults)
    }

    private mutating func take(_ root: JSONNode, isChange: Bool) -> [Problem.Fault] {
        guard root.kind == .object else { return [Self.fault(.root, "wrong_type", "must be an object")] }
        var faults: [Problem.Fault] = []
        for (key, value) in root.members {
            let place = JSONPointer(key)
            if isChange, Self.ownFields.contains(key) {
                faults.append(Self.fault(place, "read_only", "cannot be changed"))
            } else if value.isNull, reset(key, isChange: isChange) {
                continue
            } else {
                faults += take(key, value, at: place, isChange: isChange)
            }
        }
        return faults
    }

    /// Takes `null`: it means the default, where the field has one that reads as nothing, and in a change everywhere.
    private mutating func reset(_ key: String, isChange: Bool) -> Bool {
        let usual = WebhookOrder()
        switch key {
        case "description": description = nil
        case "filter": filter = nil
        case "types" where isChange: types = usual.types
        case "ordered" where isChange: isOrdered = usual.isOrdered
        case "allowHttp" where isChange: allowHTTP = usual.allowHTTP
        case "maxInFlight" where isChange: maxInFlight = usual.maxInFlight
        case "ratePerSecond" where isChange: ratePerSecond = usual.ratePerSecond
        case "skipVerification" where isChange: skipVerification = usual.skipVerification
        default: return false
        }
        return true
    }

    private mutating func take(
        _ key: String, _ value: JSONNode, at place: JSONPointer, isChange: Bool
    ) -> [Problem.Fault] {
        switch key {
        case "url":
            guard let text = value.string else { return [Self.fault(place, "wrong_type", "must be a string")] }
            url = text
            return []
        case "types": return readTypes(value, at: place)
        case "filter": return readFilter(value, at: place, isChange: isChange)
        case "ordered": return Self.readFlag(value, at: place, into: &isOrdered)
        case "allowHttp": return Self.readFlag(value, at: place, into: &allowHTTP)
        case "skipVerification": return Self.readFlag(value, at: place, into: &skipVerification)
        case "maxInFlight":
            return Self.readWhole(value, at: place, Subscription.inFlightBounds, into: &maxInFlight)
        case "ratePerSecond": return Self.readWhole(value, at: place, Subscription.rateBounds, into: &ratePerSecond)
        case "description": return readDescription(value, at: place)
        case "signature":
            guard let known = value.string.flatMap(Subscription.Signature.init(rawValue:)) else {
                return [Self.fault(place, "unknown_value", "must be v1 or v1a")]
            }
            signature = known
            return []
        default: return [Self.fault(place, "unknown_field", "is not a field of a subscription")]
        }
    }

    /// Whether the service would deliver there; judged where the body says something about it.
    private mutating func judge(_ root: JSONNode, _ policy: AddressPolicy) -> [Problem.Fault] {
        guard root.kind == .object else { return [] }
        let named = root["url"] != nil ? "url" : "allowHttp"
        if let given = root["url"] {
            guard given.string != nil else { return [] }
        } else if root["allowHttp"] == nil || url.isEmpty {
            return []
        }
        do throws(DestinationRefusal) {
            url = try DestinationURL(url, allowHTTP: allowHTTP, policy: policy).text
            return []
        } catch {
            return [Self.fault(JSONPointer(named), "refused_url", "\(error)")]
        }
    }
}

extension WebhookOrder {
    private mutating func readTypes(_ value: JSONNode, at place: JSONPointer) -> [Problem.Fault] {
        let (read, faults) = Self.types(value, at: place)
        if let read { types = read }
        return faults
    }

    /// A list of event types or groups of them, each once; `nil` where there are faults.
    static func types(_ value: JSONNode, at place: JSONPointer) -> (types: [String]?, faults: [Problem.Fault]) {
        guard value.kind == .array else {
            return (nil, [fault(place, "wrong_type", "must be an array of event types")])
        }
        guard (1...mostTypes).contains(value.count) else {
            return (nil, [fault(place, "out_of_range", "must have 1 to \(mostTypes) entries")])
        }
        var types: [String] = []
        var faults: [Problem.Fault] = []
        for (index, element) in value.elements.enumerated() {
            let place = place.appending(index)
            guard let type = element.string else {
                faults.append(fault(place, "wrong_type", "must be a string"))
                continue
            }
            if !WebhookEvent.isKnown(pattern: type) {
                faults.append(fault(place, "unknown_value", "is no event type, and no group such as model.*"))
            } else if types.contains(type) {
                faults.append(fault(place, "repeated", "is in the list already"))
            } else {
                types.append(type)
            }
        }
        return (faults.isEmpty ? types : nil, faults)
    }

    /// In a change, the members that are named are changed and those with `null` go (RFC 7396); the rest stays.
    private mutating func readFilter(
        _ value: JSONNode, at place: JSONPointer, isChange: Bool
    ) -> [Problem.Fault] {
        var wanted = value.value
        if isChange, case .object(let changes) = wanted {
            var members: [JSONMember] = []
            if let known = filter.flatMap({ try? JSONDocument(parsing: $0) }), case .object(let old) = known.root.value
            {
                members = old
            }
            for change in changes {
                members.removeAll { $0.key == change.key }
                if change.value != .null { members.append(change) }
            }
            guard !members.isEmpty || changes.isEmpty else {
                filter = nil
                return []
            }
            wanted = .object(members)
        }
        var json = JSONWriter()
        json.value(wanted)
        let text = json.finished()
        guard let document = try? JSONDocument(parsing: text) else {
            return [Self.fault(place, "wrong_type", "is no filter")]
        }
        do throws(EventFilter.Fault) {
            _ = try EventFilter(document.root)
        } catch {
            return [Self.fault(error.place.reduce(place) { $0.appending($1) }, error.code, error.message)]
        }
        filter = String(decoding: text, as: UTF8.self)
        return []
    }

    private static func readFlag(_ value: JSONNode, at place: JSONPointer, into flag: inout Bool) -> [Problem.Fault] {
        guard let read = value.bool else { return [fault(place, "wrong_type", "must be true or false")] }
        flag = read
        return []
    }

    private static func readWhole(
        _ value: JSONNode, at place: JSONPointer, _ range: ClosedRange<Int>, into number: inout Int
    ) -> [Problem.Fault] {
        let (read, faults) = whole(value, at: place, range)
        if let read { number = read }
        return faults
    }

    /// A whole number; JSON knows no difference between `8` and `8.0`.
    static func whole(
        _ value: JSONNode, at place: JSONPointer, _ range: ClosedRange<Int>
    ) -> (number: Int?, faults: [Problem.Fault]) {
        guard let number = value.double, number == number.rounded() else {
            return (nil, [fault(place, "wrong_type", "must be a whole number")])
        }
        guard (Double(range.lowerBound)...Double(range.upperBound)).contains(number) else {
            return (nil, [fault(place, "out_of_range", "must be from \(range.lowerBound) to \(range.upperBound)")])
        }
        return (Int(number), [])
    }

    private mutating func readDescription(_ value: JSONNode, at place: JSONPointer) -> [Problem.Fault] {
        guard let text = value.string else { return [Self.fault(place, "wrong_type", "must be a string")] }
        guard text.unicodeScalars.count <= Self.longestDescription else {
            return [Self.fault(place, "too_long", "must have at most \(Self.longestDescription) characters")]
        }
        description = text
        return []
    }

    static func fault(_ place: JSONPointer, _ code: String, _ message: String) -> Problem.Fault {
        Problem.Fault(place: .pointer(place.text), code: code, message: message)
    }
}
