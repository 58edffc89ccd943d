import HTTPServer

/// What machines ask: is the process alive, and may it be sent requests.
struct ReadinessEndpoints: Sendable {
    let site: Site

    /// Never touches the database.
    func live(_ request: Request, _ parameters: Parameters) -> Response {
        Self.text(200, "ok\n")
    }

    /// 200 once the database has this binary's schema and takes writes; `?verbose` lists the checks.
    func ready(_ request: Request, _ parameters: Parameters) async -> Response {
        var checks: [(name: String, fault: String?)] = []
        switch site.current {
        case .draining:
            checks = [("accepting", "draining"), ("schema", nil)]
        case .opening(let reason):
            checks = [("accepting", nil), ("schema", reason)]
        case .open:
            let fault = await site.writeFault()
            checks = [
                ("accepting", nil), ("schema", fault?.isOfSchema == true ? fault?.reason : nil),
                ("database-write", fault?.isOfSchema == false ? fault?.reason : nil),
            ]
        }
        let isReady = checks.allSatisfy { $0.fault == nil }
        guard request.query.contains(where: { $0.name == "verbose" }) else {
            let first = checks.first { $0.fault != nil }
            return Self.text(isReady ? 200 : 503, first.map { "\($0.name): \($0.fault ?? "")\n" } ?? "ok\n")
        }
        let lines = checks.map { "[\($0.fault == nil ? "+" : "-")] \($0.name): \($0.fault ?? "ok")\n" }
        return Self.text(isReady ? 200 : 503, lines.joined())
    }

    private static func text(_ status: Int, _ text: String) -> Response {
        Response(
            status: status,
            headers: [
                HeaderField("Content-Type", "text/plain; charset=utf-8"), HeaderField("Cache-Control", "no-store"),
                HeaderField("X-Content-Type-Options", "nosniff"),
            ],
            body: .text(text))
    }
}
