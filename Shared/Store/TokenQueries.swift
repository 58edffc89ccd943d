package import Model
package import SQLite

/// An API token without its text, of which only the SHA-256 is kept.
package struct TokenRecord: Equatable, Sendable {
    package let id: String
    package let scopes: [String]
    package let plan: String?
    package let label: String?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp?
    package let revokedAt: Timestamp?

    package init(
        id: String, scopes: [String], plan: String?, label: String?, createdAt: Timestamp, expiresAt: Timestamp?,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.scopes = scopes
        self.plan = plan
        self.label = label
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    init(_ row: borrowing Row) {
        id = row.text(0)
        // Scopes are words of plain letters, so the array needs no JSON reader.
        scopes = row.text(1).split { !$0.isLetter && $0 != "-" }.map(String.init)
        plan = row.textOrNull(2)
        label = row.textOrNull(3)
        createdAt = Timestamp(milliseconds: row.integer(4))
        expiresAt = row.integerOrNull(5).map { Timestamp(milliseconds: $0) }
        revokedAt = row.integerOrNull(6).map { Timestamp(milliseconds: $0) }
    }

    /// Whether the token opens anything at that moment.
    package func isValid(at now: Timestamp) -> Bool {
        revokedAt == nil && expiresAt.map { now < $0 } != false
    }
}

extension Query {
    package static func addToken(_ token: TokenRecord, sha256: [UInt8]) -> Query<Void> {
        let scopes = "[" + token.scopes.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        return Query<Void>(
            """
            INSERT INTO token (id, sha256, scopes, plan, label, created_at_ms, expires_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """,
            [
                .text(token.id), .blob(sha256), .text(scopes), .text(token.plan), .text(token.label),
                .integer(token.createdAt.milliseconds), .integer(token.expiresAt?.milliseconds),
            ])
    }

    /// All tokens, the newest first.
    package static func tokens() -> Query<TokenRecord> {
        Query<TokenRecord>(
            """
            SELECT id, scopes, plan, label, created_at_ms, expires_at_ms, revoked_at_ms FROM token
             ORDER BY created_at_ms DESC, id
            """
        ) { TokenRecord($0) }
    }

    /// The token whose text has that digest, valid or not.
    package static func token(sha256: [UInt8]) -> Query<TokenRecord> {
        Query<TokenRecord>(
            """
            SELECT id, scopes, plan, label, created_at_ms, expires_at_ms, revoked_at_ms FROM token WHERE sha256 = ?1
            """, [.blob(sha256)]
        ) { TokenRecord($0) }
    }

    /// Ends a token for good; the first moment stays. Answers a row if there is such a token.
    package static func revokeToken(_ id: String, now: Timestamp) -> Query<String> {
        Query<String>(
            "UPDATE token SET revoked_at_ms = coalesce(revoked_at_ms, ?2) WHERE id = ?1 RETURNING id",
            [.text(id), .integer(now.milliseconds)]
        ) { $0.text(0) }
    }
}
