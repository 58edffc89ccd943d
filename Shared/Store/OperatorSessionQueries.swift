package import Model
package import SQLite

/// An operator who is signed in at the pages.
package struct OperatorSession: Equatable, Sendable {
    package let sha256: [UInt8]
    /// `nil` where it was opened with the deployment's secret.
    package let token: TokenRecord?
    package let secretMAC: [UInt8]?
    package let expiresAt: Timestamp

    package init(sha256: [UInt8], token: TokenRecord?, secretMAC: [UInt8]?, expiresAt: Timestamp) {
        self.sha256 = sha256
        self.token = token
        self.secretMAC = secretMAC
        self.expiresAt = expiresAt
    }
}

/// An act that a session has been asked to confirm.
package struct Confirmation: Equatable, Sendable {
    package let id: Int64
    package let act: String
    package let isUsed: Bool
    package let expiresAt: Timestamp
}

extension Query {
    package static func addOperatorSession(_ session: OperatorSession, createdAt: Timestamp) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO operator_session (sha256, token_id, secret_mac, created_at_ms, expires_at_ms)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """,
            [
                .blob(session.sha256), .text(session.token?.id), .blob(session.secretMAC),
                .integer(createdAt.milliseconds), .integer(session.expiresAt.milliseconds),
            ])
    }

    /// The session whose id has that digest, unless its time is over or its token has ended.
    package static func operatorSession(sha256: [UInt8], now: Timestamp) -> Query<OperatorSession> {
        Query<OperatorSession>(
            """
            SELECT token.id, scopes, plan, label, token.created_at_ms, token.expires_at_ms, revoked_at_ms,
                   operator_session.sha256, secret_mac, operator_session.expires_at_ms
              FROM operator_session LEFT JOIN token ON token.id = token_id
             WHERE operator_session.sha256 = ?1 AND operator_session.expires_at_ms > ?2 AND revoked_at_ms IS NULL
               AND (token.expires_at_ms IS NULL OR token.expires_at_ms > ?2)
            """, [.blob(sha256), .integer(now.milliseconds)]
        ) { row in
            OperatorSession(
                sha256: row.blob(7), token: row.isNull(0) ? nil : TokenRecord(row),
                secretMAC: row.isNull(8) ? nil : row.blob(8),
                expiresAt: Timestamp(milliseconds: row.integer(9)))
        }
    }

    package static func endOperatorSession(sha256: [UInt8]) -> Query<Void> {
        Query<Void>("DELETE FROM operator_session WHERE sha256 = ?1", [.blob(sha256)])
    }

    /// Forgets sessions whose time is over, with what they were asked.
    package static func forgetOperatorSessions(before moment: Timestamp) -> Query<Void> {
        Query<Void>("DELETE FROM operator_session WHERE expires_at_ms <= ?1", [.integer(moment.milliseconds)])
    }

    package static func askConfirmation(
        sha256: [UInt8], session: [UInt8], act: String, expiresAt: Timestamp
    ) -> Query<Void> {
        Query<Void>(
            "INSERT INTO confirmation (sha256, session_sha256, act, expires_at_ms) VALUES (?1, ?2, ?3, ?4)",
            [.blob(sha256), .blob(session), .text(act), .integer(expiresAt.milliseconds)])
    }

    /// The act behind a one-time token, if it was given to that session.
    package static func confirmation(sha256: [UInt8], session: [UInt8]) -> Query<Confirmation> {
        Query<Confirmation>(
            "SELECT id, act, used_at_ms, expires_at_ms FROM confirmation WHERE sha256 = ?1 AND session_sha256 = ?2",
            [.blob(sha256), .blob(session)]
        ) {
            Confirmation(
                id: $0.integer(0), act: $0.text(1), isUsed: !$0.isNull(2),
                expiresAt: Timestamp(milliseconds: $0.integer(3)))
        }
    }

    /// Uses a one-time token up. Answers a row to the one who did: of several at once, one.
    package static func useConfirmation(_ id: Int64, now: Timestamp) -> Query<Int64> {
        Query<Int64>(
            """
            UPDATE confirmation SET used_at_ms = ?2 WHERE id = ?1 AND used_at_ms IS NULL AND expires_at_ms > ?2
            RETURNING id
            """, [.integer(id), .integer(now.milliseconds)]
        ) { $0.integer(0) }
    }

    package static func saveConfirmationResult(_ id: Int64, _ result: String) -> Query<Void> {
        Query<Void>(
            "UPDATE confirmation SET result = ?2 WHERE id = ?1 AND used_at_ms IS NOT NULL",
            [.integer(id), .text(result)])
    }

    /// What came of an act that the session confirmed.
    package static func confirmationResult(_ id: Int64, session: [UInt8]) -> Query<String> {
        Query<String>(
            "SELECT coalesce(result, '') FROM confirmation WHERE id = ?1 AND session_sha256 = ?2",
            [.integer(id), .blob(session)]
        ) { $0.text(0) }
    }
}
