package import SQLite

extension Query {
    /// Keeps a secret of the service, unless another process has made it already.
    package static func offerServiceKey(_ name: String, bytes: [UInt8]) -> Query<Void> {
        Query<Void>(
            "INSERT INTO service_key (name, bytes) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
            [.text(name), .blob(bytes)])
    }

    package static func serviceKey(_ name: String) -> Query<[UInt8]> {
        Query<[UInt8]>("SELECT bytes FROM service_key WHERE name = ?1", [.text(name)]) { $0.blob(0) }
    }
}
