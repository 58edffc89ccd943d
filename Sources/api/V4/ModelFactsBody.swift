import JSON
import Model

extension ModelBody {
    static func write(_ anomaly: Anomaly, to json: inout JSONWriter) {
        json.key("anomaly")
        json.beginObject()
        json.key("velocity")
        write(anomaly.velocity, to: &json)
        json.key("downloads")
        write(anomaly.downloads, to: &json)
        json.key("state")
        json.string(anomaly.state.rawValue)
        write(anomaly.figures, to: &json)
        json.endObject()
    }

    static func write(_ figures: AnomalyFigures, to json: inout JSONWriter) {
        json.key("figures")
        json.beginObject()
        json.key("downloadsReturn")
        json.double(figures.downloadsReturn)
        json.key("cohortZ")
        json.double(figures.cohortZ)
        json.key("ownZ")
        json.double(figures.ownZ)
        json.key("downloadsChange")
        json.integer(figures.downloadsChange)
        json.key("ownReturns")
        json.integer(figures.ownReturns.map { Int64($0) })
        json.key("likesGained")
        json.integer(figures.likesGained)
        json.key("likesZ")
        json.double(figures.likesZ)
        json.key("likeDays")
        json.integer(figures.likeDays.map { Int64($0) })
        json.endObject()
    }

    private static func write(_ flag: Bool?, to json: inout JSONWriter) {
        if let flag { json.bool(flag) } else { json.null() }
    }

    static func write(_ claims: [CapabilityClaim], to json: inout JSONWriter) {
        json.key("capabilities")
        json.beginArray()
        for claim in claims { json.string(claim.capability.rawValue) }
        json.endArray()
        json.key("capabilitySources")
        guard !claims.isEmpty else { return json.null() }
        json.beginObject()
        for claim in claims {
            json.key(text: claim.capability.rawValue)
            json.string(claim.source.rawValue)
        }
        json.endObject()
    }

    static func write(_ place: FamilyPlace, size: Int, to json: inout JSONWriter) {
        json.key("family")
        json.beginObject()
        json.key("root")
        json.string(place.root.text)
        json.key("relation")
        json.string(place.parentage?.relation.rawValue)
        json.key("source")
        json.string(place.parentage?.source.rawValue)
        json.key("parent")
        json.string(place.parentage?.parent.text)
        json.key("size")
        json.integer(size)
        json.endObject()
    }

    static func write(_ parameters: ParameterCount?, to json: inout JSONWriter) {
        json.key("parameters")
        guard let parameters else {
            json.null()
            return
        }
        json.beginObject()
        json.key("total")
        json.integer(parameters.total)
        json.key("active")
        json.integer(parameters.active)
        json.key("class")
        json.string(parameters.sizeClass.rawValue)
        json.key("source")
        json.string(parameters.source.rawValue)
        json.key("estimated")
        json.bool(parameters.isEstimated)
        json.endObject()
    }

    static func write(_ license: License?, to json: inout JSONWriter) {
        json.key("license")
        guard let license else {
            json.null()
            return
        }
        json.beginObject()
        json.key("id")
        json.string(license.id)
        json.key("name")
        json.string(license.name)
        json.key("class")
        json.string(license.kind?.rawValue)
        json.endObject()
    }
}
