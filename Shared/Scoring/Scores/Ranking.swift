package import Model

/// Places by total, 1 for the highest; equal totals are ordered by id, bytewise, and models without one come last.
package enum Ranking {
    /// The place of each model, parallel to `totals`.
    ///
    /// `idOrder` holds the positions of all models in the bytewise order of their ids, which the database's index on
    /// ids gives for nothing and which serves every profile. There are only 1,001 totals and none, so a counting
    /// sort that keeps that order ranks millions of models in two passes.
    package static func ranks(totals: [Tenths?], idOrder: [UInt32]) -> [Int32] {
        precondition(totals.count == idOrder.count, "the order of ids names each model once")
        // The last is of those that have no total.
        func bucket(_ total: Tenths?) -> Int { total.map { 1_000 - Int($0.count) } ?? 1_001 }
        var nextPlace = [Int32](repeating: 0, count: 1_002)
        for total in totals {
            precondition((0...1_000).contains(total?.count ?? 0), "a total is 0 to 100")
            nextPlace[bucket(total)] += 1
        }
        var place: Int32 = 1
        for total in nextPlace.indices {
            let models = nextPlace[total]
            nextPlace[total] = place
            place += models
        }
        var result = [Int32](repeating: 0, count: totals.count)
        for position in idOrder {
            let index = Int(position)
            let total = bucket(totals[index])
            precondition(result[index] == 0, "the order of ids names each model once")
            result[index] = nextPlace[total]
            nextPlace[total] += 1
        }
        return result
    }

    /// The same for models whose ids are at hand.
    package static func ranks(totals: [Tenths?], ids: [ModelID]) -> [Int32] {
        ranks(totals: totals, idOrder: idOrder(of: ids))
    }

    /// The positions of `ids` in their bytewise order.
    package static func idOrder(of ids: [ModelID]) -> [UInt32] {
        ids.indices.sorted { ids[$0] < ids[$1] }.map(UInt32.init)
    }
}
