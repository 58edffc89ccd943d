/// A compressor that takes chunks and gives what is ready, in memory that does not grow with the whole.
///
/// All outputs in order, the one of ``finish()`` last, are the compressed whole.
package protocol CompressingStream: ~Copyable {
    /// Takes a chunk. The result is often empty: compressors hold bytes back until they have enough of them.
    mutating func compress(_ chunk: [UInt8]) -> [UInt8]

    /// Everything held back, so that the other side can read all that went in. Costs some compression.
    mutating func flush() -> [UInt8]

    /// The rest and the end mark.
    consuming func finish() -> [UInt8]
}

/// The size of the pieces in which the streams write.
let pieceSize = 64 << 10
