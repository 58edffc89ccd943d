import CSQLite

/// Reads parts of the blobs in one column of a table whose rows are numbered, so that the pages which hold the rest of
/// a blob are not read at all: SQLite's incremental blob I/O. To be used within one transaction.
@safe package struct BlobReader: ~Copyable {
    private let connection: OpaquePointer
    private let table: String
    private let column: String
    private var blob: OpaquePointer?

    fileprivate init(_ connection: OpaquePointer, table: String, column: String) {
        unsafe self.connection = connection
        self.table = table
        self.column = column
    }

    deinit {
        unsafe sqlite3_blob_close(blob)
    }

    /// Goes to the blob of a row.
    /// - Returns: false where it cannot be read in parts, most likely because there is no such row; a statement that
    ///   asks for it says what is so.
    package mutating func seek(_ row: Int64) -> Bool {
        if let blob = unsafe blob {
            // Far cheaper than another `open`; after a failure the blob is of no use any more.
            if unsafe sqlite3_blob_reopen(blob, row) == SQLITE_OK { return true }
            unsafe sqlite3_blob_close(blob)
            unsafe self.blob = nil
        }
        return unsafe sqlite3_blob_open(connection, "main", table, column, row, 0, &blob) == SQLITE_OK
    }

    /// How many bytes the blob has.
    package var count: Int { unsafe blob.map { unsafe Int(sqlite3_blob_bytes($0)) } ?? 0 }

    /// A part of the blob, which it must have.
    package func bytes(_ range: Range<Int>) throws(SQLiteError) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "the blob has the bytes that are read")
        var code = SQLITE_OK
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            unsafe code = sqlite3_blob_read(blob, buffer.baseAddress, Int32(range.count), Int32(range.lowerBound))
            filled = code == SQLITE_OK ? range.count : 0
        }
        guard code == SQLITE_OK else {
            throw unsafe SQLiteError(code: code, message: String(cString: sqlite3_errmsg(connection)))
        }
        return bytes
    }
}

extension Connection {
    /// Lends a reader of the blobs in a column.
    package func withBlobs<Result>(
        table: String, column: String, _ body: (inout BlobReader) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        var reader = unsafe BlobReader(handle, table: table, column: column)
        return try body(&reader)
    }
}
