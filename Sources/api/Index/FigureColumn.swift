import Model

/// The figures behind verdicts on anomalies. A row that has none costs four bytes: none of a feed of two weeks has any,
/// and nearly every row of a feed of a month.
struct FigureColumn: Sendable {
    /// Of each row the place of its figures plus 1; 0 where it has none.
    private var places: [UInt32] = []
    private var downloadsReturn: [Double] = []
    private var cohortZ: [Double] = []
    private var ownZ: [Double] = []
    private var likesZ: [Double] = []
    private var downloadsChange = NumberColumn()
    private var likesGained = NumberColumn()
    /// At most as many as there are days in the history; 255 is "unknown".
    private var ownReturns: [UInt8] = []
    private var likeDays: [UInt8] = []
    private static let unknownDays: UInt8 = 255

    mutating func append(_ figures: AnomalyFigures) {
        guard figures != AnomalyFigures() else { return places.append(0) }
        downloadsReturn.append(figures.downloadsReturn ?? .nan)
        cohortZ.append(figures.cohortZ ?? .nan)
        ownZ.append(figures.ownZ ?? .nan)
        likesZ.append(figures.likesZ ?? .nan)
        downloadsChange.append(figures.downloadsChange)
        likesGained.append(figures.likesGained)
        ownReturns.append(Self.days(figures.ownReturns))
        likeDays.append(Self.days(figures.likeDays))
        places.append(UInt32(ownReturns.count))
    }

    private static func days(_ count: Int?) -> UInt8 {
        count.map { min(UInt8(clamping: $0), unknownDays - 1) } ?? unknownDays
    }

    subscript(row: Int) -> AnomalyFigures {
        var figures = AnomalyFigures()
        guard places[row] > 0 else { return figures }
        let place = Int(places[row]) - 1
        func known(_ value: Double) -> Double? { value.isNaN ? nil : value }
        figures.downloadsReturn = known(downloadsReturn[place])
        figures.cohortZ = known(cohortZ[place])
        figures.ownZ = known(ownZ[place])
        figures.likesZ = known(likesZ[place])
        figures.downloadsChange = downloadsChange[place]
        figures.likesGained = likesGained[place]
        figures.ownReturns = ownReturns[place] == Self.unknownDays ? nil : Int(ownReturns[place])
        figures.likeDays = likeDays[place] == Self.unknownDays ? nil : Int(likeDays[place])
        return figures
    }

    /// Only the places move; the figures stay where they are.
    mutating func reorder(_ order: [UInt32]) { places.reorder(order) }
}
