import CSQLite

/// The current row of a running statement. It can be read during the call that lends it, and not kept.
@safe package struct Row: ~Copyable {
    private let statement: OpaquePointer

    init(statement: OpaquePointer) {
        unsafe self.statement = statement
    }

    package var columnCount: Int { unsafe Int(sqlite3_column_count(statement)) }

    package func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
    }

    package func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(statement, column)
    }

    /// SQLite reads NULL as 0, so only a 0 needs a second look: half the calls where millions of counters are read.
    package func integerOrNull(_ column: Int32) -> Int64? {
        let value = integer(column)
        return value == 0 && isNull(column) ? nil : value
    }

    package func count(_ column: Int32) -> Int {
        Int(integer(column))
    }

    package func flag(_ column: Int32) -> Bool {
        integer(column) != 0
    }

    package func real(_ column: Int32) -> Double {
        unsafe sqlite3_column_double(statement, column)
    }

    package func realOrNull(_ column: Int32) -> Double? {
        let value = real(column)
        return value == 0 && isNull(column) ? nil : value
    }

    package func text(_ column: Int32) -> String {
        guard let start = unsafe sqlite3_column_text(statement, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    package func textOrNull(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    package func blob(_ column: Int32) -> [UInt8] {
        withBytes(column) { bytes in unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
    }

    /// Lends SQLite's own bytes without copying them. `RawSpan` keeps them from escaping.
    package func withBytes<Result>(_ column: Int32, _ body: (RawSpan) -> Result) -> Result {
        let start = unsafe sqlite3_column_blob(statement, column)
        let count = unsafe Int(sqlite3_column_bytes(statement, column))
        let buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
        return unsafe body(buffer.bytes)
    }

    /// The column in the type that SQLite stored it in.
    package func value(_ column: Int32) -> Value {
        switch unsafe sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(integer(column))
        case SQLITE_FLOAT: .real(real(column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(blob(column))
        default: .null
        }
    }
}
