import Deployment
import JSON
import Model
import Store

/// One model with what its score is made of and the family that it belongs to.
struct ModelDetailBody {
    let index: ModelIndex
    let profile: ScoreProfile
    let caps: ScoreCaps
    /// Of this model, the newest first.
    let anomalies: [AnomalyRecord]

    func encode(_ row: Int) -> [UInt8] {
        var json = JSONWriter(capacity: 4_096)
        json.beginObject()
        ModelBody(index: index, profile: profile.name).write(row, to: &json)
        writeBreakdown(index.standing(row, profile: profile.name), to: &json)
        writeFamily(row, to: &json)
        json.key("anomalies")
        json.beginArray()
        for anomaly in anomalies { AnomalyEndpoints.write(anomaly, to: &json) }
        json.endArray()
        SnapshotBody.write(index.publication.snapshot, to: &json)
        json.endObject()
        return json.finished()
    }

    /// One component of a score and where it comes from.
    private struct Part {
        let name: String
        let score: Tenths?
        let weight: Int
        let counter: String
        let value: Double?
        let cap: Double

        init(_ name: String, _ score: Tenths?, _ weight: Int, _ counter: String, _ value: Double?, _ cap: Double) {
            (self.name, self.score, self.weight) = (name, score, weight)
            (self.counter, self.value, self.cap) = (counter, value, cap)
        }

        /// - Parameter known: the sum of the weights of the components that are known.
        func write(of known: Int, to json: inout JSONWriter) {
            let share = score == nil || known == 0 ? 0 : Double(weight) / Double(known)
            json.beginObject()
            json.key("component")
            json.string(name)
            json.key("value")
            json.double(score?.value)
            json.key("weight")
            json.double(Double(weight) / 1_000)
            json.key("appliedWeight")
            json.double((share * 1_000).rounded() / 1_000)
            json.key("contribution")
            json.double(score.map { ($0.value * share * 100).rounded() / 100 })
            json.key("counter")
            json.string(counter)
            json.key("counterValue")
            json.double(value)
            json.key("cap")
            json.double(cap)
            json.endObject()
        }
    }

    /// Each component with the counter that it comes from, the counter's cap, and what it adds to the total.
    private func writeBreakdown(_ standing: Standing, to json: inout JSONWriter) {
        let (scores, listing, weights) = (standing.scores, standing.listing, profile.weights)
        let parts = [
            Part(
                "adoption", scores.adoption, weights.adoption, "downloads", listing.downloads.map(Double.init),
                caps.downloads),
            Part("ecosystem", scores.ecosystem, weights.ecosystem, "likes", listing.likes.map(Double.init), caps.likes),
            Part(
                "velocity", scores.velocity, weights.velocity, "trendingScore", listing.trendingScore,
                caps.trendingScore),
        ]
        // The weight of an unknown component is shared out among the others.
        let known = parts.reduce(0) { $0 + ($1.score == nil ? 0 : $1.weight) }
        json.key("scoreBreakdown")
        json.beginArray()
        for part in parts { part.write(of: known, to: &json) }
        json.endArray()
        SnapshotBody.writeScores(profile, key: "scoredWith", to: &json)
    }

    private func writeFamily(_ row: Int, to json: inout JSONWriter) {
        json.key("familyRollup")
        guard index.isListed(row) else { return json.null() }
        let root = index.columns.root[row] ?? index.columns.ids[row]
        guard let family = index.families.family(of: root, row: index.row(of: root)) else {
            json.null()
            return
        }
        json.beginObject()
        FamilyBody(index: index).write(family, to: &json)
        json.endObject()
    }
}
