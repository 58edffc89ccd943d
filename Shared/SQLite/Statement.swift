import CSQLite

/// A compiled statement, finalised exactly once, when its last owner lets go.
///
/// Not `Sendable`: it is used only inside an access of the ``Connection`` that compiled it.
@safe final class Statement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let sql: String

    init(compiling sql: String, on connection: OpaquePointer) throws(SQLiteError) {
        var compiled: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &compiled, nil)
        guard code == SQLITE_OK, let compiled = unsafe compiled else {
            throw unsafe SQLiteError(code: code, message: String(cString: sqlite3_errmsg(connection)), sql: sql)
        }
        unsafe handle = compiled
        unsafe self.connection = connection
        self.sql = sql
        parameterCount = unsafe Int(sqlite3_bind_parameter_count(compiled))
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    let parameterCount: Int

    func bind(_ values: [Value]) throws(SQLiteError) {
        precondition(values.count == parameterCount, "\(values.count) values for \(parameterCount) parameters: \(sql)")
        for (index, value) in values.enumerated() {
            try check(bind(value, at: Int32(index + 1)))
        }
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        switch value {
        case .null: unsafe sqlite3_bind_null(handle, index)
        case .integer(let number): unsafe sqlite3_bind_int64(handle, index, number)
        case .real(let number): unsafe sqlite3_bind_double(handle, index, number)
        case .text(let text): bindText(text, at: index)
        case .blob(let bytes):
            unsafe bytes.withUnsafeBytes { buffer in
                unsafe buffer.count == 0
                    ? sqlite3_bind_zeroblob(handle, index, 0)
                    : sqlite3_bind_blob64(
                        handle, index, buffer.baseAddress, UInt64(buffer.count), csqlite_copy_bytes())
            }
        }
    }

    private func bindText(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { characters in
                unsafe sqlite3_bind_text64(
                    handle, index, characters.baseAddress ?? UnsafePointer(bitPattern: 1),
                    UInt64(characters.count), csqlite_copy_bytes(), UInt8(SQLITE_UTF8))
            }
        }
    }

    /// Advances to the next row; false at the end.
    func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw failure(code)
    }

    /// Lends the current row to `body`. The row cannot be copied, so it cannot outlive the call.
    func withRow<Result, Failure: Error>(
        _ body: (borrowing Row) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(Row(statement: handle))
    }

    /// Makes the statement ready for the next use, and drops what was bound.
    func reset() {
        unsafe sqlite3_reset(handle)
        if parameterCount > 0 { unsafe sqlite3_clear_bindings(handle) }
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw failure(code) }
    }

    private func failure(_ code: Int32) -> SQLiteError {
        unsafe SQLiteError(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)), sql: sql)
    }
}
