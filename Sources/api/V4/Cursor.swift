import Crypto

/// Where a reader is in a list: a place in one snapshot under one query, sealed so that nobody can make one up.
struct Cursor: Equatable, Sendable {
    let snapshot: String
    /// What was asked for, as one text; the same cursor serves no other query.
    let query: String
    /// The next row's place, from 0.
    let offset: Int

    /// Base64url of the fields and the first 16 bytes of their HMAC-SHA256.
    func sealed(with key: [UInt8]) -> String {
        let content = Array("1\n\(snapshot)\n\(query)\n\(offset)".utf8)
        return Base64.encode(Self.tag(content, key) + content, .urlSafe)
    }

    /// - Returns: `nil` for a text that this service did not make.
    init?(sealed text: String, key: [UInt8]) {
        guard text.utf8.count <= 2_048, let bytes = Base64.decode(text, .urlSafe), bytes.count > 16 else { return nil }
        let content = Array(bytes[16...])
        guard ConstantTime.equal(Array(bytes[..<16]), Self.tag(content, key)) else { return nil }
        let fields = String(decoding: content, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 4, fields[0] == "1", let offset = Int(fields[3]), offset >= 0 else { return nil }
        self.init(snapshot: fields[1], query: fields[2], offset: offset)
    }

    init(snapshot: String, query: String, offset: Int) {
        self.snapshot = snapshot
        self.query = query
        self.offset = offset
    }

    private static func tag(_ content: [UInt8], _ key: [UInt8]) -> [UInt8] {
        Array(HMACSHA256.authenticate(content, key: key).bytes[..<16])
    }
}
