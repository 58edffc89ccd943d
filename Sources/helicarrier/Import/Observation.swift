import Model

/// One recorded listing, as a file holds it: what was seen, and when.
struct Observation: Equatable, Sendable {
    let observedAt: Timestamp
    /// The bytes that are kept as evidence: an array of rows, or an object with the rows in `models`.
    let body: [UInt8]
    let rowCount: Int
    /// The file, and the line in it where one file holds several.
    let source: String

    /// The source without the folders of the machine that it was on.
    var sourceName: String {
        source.split(separator: "/").last.map(String.init) ?? source
    }
}

/// Why a file, or one line of it, is not a recorded listing.
struct ObservationFault: Error, Equatable, CustomStringConvertible {
    let file: String
    var line: Int?
    /// Counted from the first byte of the uncompressed file.
    var byteOffset: Int?
    let reason: String

    var description: String {
        let place = [line.map { "line \($0)" }, byteOffset.map { "byte \($0)" }].compactMap(\.self)
        return (["\(file)"] + place).joined(separator: ", ") + ": " + reason
    }
}

/// What a file turned out to hold. Bad lines do not hide good ones.
struct ObservationFile: Equatable, Sendable {
    var observations: [Observation] = []
    /// Whether the moment is that of the file itself, as nothing else says one.
    var isDatedByFile = false
    var faults: [ObservationFault] = []
}
