import Crypto
package import JSON

/// One envelope that was taken apart and holds a valid session.
package struct Envelope: Equatable, Sendable {
    package let session: CanonicalSession
    /// The sender's own name for what it sends.
    package let key: String?

    /// Reads an envelope of any version of the registry.
    /// - Parameter isStrict: false also takes the bare body of V3, `{session, events}`.
    package init(_ document: JSONDocument, isStrict: Bool) throws(IngestFault) {
        let root = document.root
        guard root.kind == .object else {
            throw IngestFault(.validation, [IngestFault.Detail("body", "must be an object")])
        }
        var faults = FaultList()
        let version = root["envelope_version"].flatMap { $0.isNull || $0.equals("") ? nil : $0 }
        let contract: SessionContract?
        let payload: JSONNode?
        if version == nil, !isStrict, root["session"] != nil {
            (contract, payload) = (.bare, root)
        } else {
            if version == nil { faults.add("envelope_version", "is required") }
            contract = version?.string.flatMap { SessionContract.byVersion[$0] }
            // What a payload of a version that nobody knows should look like is not known either.
            if version != nil, contract == nil { throw .unsupportedVersion }
            payload = Self.payload(of: root, &faults)
        }
        key = FieldReader(object: root, prefix: "").key(&faults)
        var session: CanonicalSession?
        if let contract, let payload { session = SessionReader(contract: contract).read(payload, &faults) }
        guard faults.details.isEmpty, let session else { throw IngestFault(.validation, faults.details) }
        self.session = session
    }

    private static func payload(of root: JSONNode, _ faults: inout FaultList) -> JSONNode? {
        guard let payload = root["payload"], !payload.isNull else {
            faults.add("payload", "is required")
            return nil
        }
        if payload.kind == .object { return payload }
        faults.add("payload", "must be an object")
        return nil
    }
}

extension FieldReader {
    /// A key may be left out, but one that is given has to be one.
    fileprivate func key(_ faults: inout FaultList) -> String? {
        guard let node = object["idempotency_key"], !node.isNull else { return nil }
        return required("idempotency_key", &faults)
    }
}
