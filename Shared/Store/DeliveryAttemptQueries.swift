package import Model
package import SQLite

/// One HTTP try of a delivery, as it was: what was sent where, and what came back.
package struct DeliveryAttempt: Equatable, Sendable {
    /// How long the steps of a try took, in milliseconds; `nil` for a step that it did not come to.
    package struct Steps: Equatable, Sendable {
        package var dns: Int?
        package var connect: Int?
        package var tls: Int?
        package var firstByte: Int?
        package var total = 0

        package init() {}
    }

    /// A header line that was kept.
    package struct Line: Equatable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var id: Int64 = 0
    package let delivery: String
    package let subscription: String
    /// Whether it says something about the receiver's health.
    package let counts: Bool
    package let number: Int
    /// Without its query.
    package var url: String
    package var address: String?
    package var httpVersion: String?
    package var tlsVersion: String?
    package var requestHeaders: [Line] = []
    package let bodySHA256: [UInt8]
    package var keys: [String] = []
    package let startedAt: Timestamp
    package var steps = Steps()
    package var status: Int?
    package var responseHeaders: [Line] = []
    package var responseBody: [UInt8]?
    package var isTruncated = false
    package var errorClass: String?
    package var errorMessage: String?
    package var retryAfter: Duration?
    package var nextAttemptAt: Timestamp?
    package let worker: String
    package var traceParent: String?

    package init(
        delivery: String, of subscription: String, counts: Bool = true, number: Int, url: String,
        bodySHA256: [UInt8], startedAt: Timestamp, worker: String
    ) {
        self.delivery = delivery
        self.subscription = subscription
        self.counts = counts
        self.number = number
        self.url = url
        self.bodySHA256 = bodySHA256
        self.startedAt = startedAt
        self.worker = worker
    }

    init(_ row: borrowing Row) {
        id = row.integer(0)
        delivery = row.text(1)
        number = row.count(2)
        url = row.text(3)
        address = row.textOrNull(4)
        httpVersion = row.textOrNull(5)
        tlsVersion = row.textOrNull(6)
        requestHeaders = Line.all(in: row.text(7))
        bodySHA256 = row.blob(8)
        keys = row.text(9).split(separator: "\n").map(String.init)
        startedAt = Timestamp(milliseconds: row.integer(10))
        steps.dns = row.integerOrNull(11).map { Int($0) }
        steps.connect = row.integerOrNull(12).map { Int($0) }
        steps.tls = row.integerOrNull(13).map { Int($0) }
        steps.firstByte = row.integerOrNull(14).map { Int($0) }
        steps.total = row.count(15)
        status = row.integerOrNull(16).map { Int($0) }
        responseHeaders = Line.all(in: row.textOrNull(17) ?? "")
        responseBody = row.isNull(18) ? nil : row.blob(18)
        isTruncated = row.flag(19)
        errorClass = row.textOrNull(20)
        errorMessage = row.textOrNull(21)
        retryAfter = row.integerOrNull(22).map { .milliseconds($0) }
        nextAttemptAt = row.integerOrNull(23).map { Timestamp(milliseconds: $0) }
        worker = row.text(24)
        traceParent = row.textOrNull(25)
        subscription = row.textOrNull(26) ?? ""
        counts = row.flag(27)
    }
}

extension DeliveryAttempt.Line {
    /// Names and values have no line breaks: they came in header lines.
    fileprivate static func text(of lines: [Self]) -> String {
        lines.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
    }

    fileprivate static func all(in text: String) -> [Self] {
        text.split(separator: "\n").map { line in
            let name = line.prefix { $0 != ":" }
            return Self(String(name), String(line.dropFirst(name.count + 2)))
        }
    }
}

extension Query {
    package static func saveDeliveryAttempt(_ attempt: DeliveryAttempt) -> Query<Void> {
        Query<Void>(
            """
            INSERT INTO delivery_attempt (
                delivery_id, number, url, address, http_version, tls_version, request_headers, body_sha256, key_ids,
                started_at_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms, status, response_headers,
                response_body, response_truncated, error_class, error_message, retry_after_ms, next_attempt_at_ms,
                worker, traceparent, subscription_id, counts)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                    ?22, ?23, ?24, ?25, ?26, ?27)
            """,
            [
                .text(attempt.delivery), .integer(attempt.number), .text(attempt.url), .text(attempt.address),
                .text(attempt.httpVersion), .text(attempt.tlsVersion),
                .text(DeliveryAttempt.Line.text(of: attempt.requestHeaders)), .blob(attempt.bodySHA256),
                .text(attempt.keys.joined(separator: "\n")), .integer(attempt.startedAt.milliseconds),
                .integer(attempt.steps.dns), .integer(attempt.steps.connect), .integer(attempt.steps.tls),
                .integer(attempt.steps.firstByte), .integer(attempt.steps.total), .integer(attempt.status),
                .text(DeliveryAttempt.Line.text(of: attempt.responseHeaders)), .blob(attempt.responseBody),
                .flag(attempt.isTruncated), .text(attempt.errorClass), .text(attempt.errorMessage),
                .integer(attempt.retryAfter?.milliseconds), .integer(attempt.nextAttemptAt?.milliseconds),
                .text(attempt.worker), .text(attempt.traceParent), .text(attempt.subscription),
                .flag(attempt.counts),
            ])
    }

    /// In the order in which they were made. There are few: the schedule ends.
    package static func deliveryAttempts(of delivery: String) -> Query<DeliveryAttempt> {
        Query<DeliveryAttempt>(
            """
            SELECT id, delivery_id, number, url, address, http_version, tls_version, request_headers, body_sha256,
                   key_ids, started_at_ms, dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms, status,
                   response_headers, response_body, response_truncated, error_class, error_message, retry_after_ms,
                   next_attempt_at_ms, worker, traceparent, subscription_id, counts
              FROM delivery_attempt WHERE delivery_id = ?1 ORDER BY number
            """, [.text(delivery)]
        ) { DeliveryAttempt($0) }
    }
}
