import Daemon
import HTTPClient
import Synchronization
import Telemetry

/// Where the api can be reached from this machine.
enum ListenAddress {
    /// The base URL of a `HELICARRIER_LISTEN` value; `nil` where the port is chosen when it starts.
    ///
    /// An address that means every interface is reached through the loopback.
    static func url(_ listen: String) -> String? {
        guard let colon = listen.lastIndex(of: ":"), let port = UInt16(listen[listen.index(after: colon)...]), port > 0
        else { return nil }
        let host = String(listen[..<colon])
        switch host {
        case "", "*", "0.0.0.0": return "http://127.0.0.1:\(port)/"
        case "[::]": return "http://[::1]:\(port)/"
        default: return "http://\(host):\(port)/"
        }
    }
}

/// Finds out when the service answers, and where.
final class Readiness: Sendable {
    private static let patience: Duration = .seconds(60)

    private let address: Mutex<String?>
    private let log: Logger

    /// - Parameters:
    ///   - listen: the setting, which counts only where the api's log does not tell: what answers at that address may
    ///     be another service, whose port this one wants.
    ///   - tells: whether the api's log says where it listens.
    init(listen: String, tells: Bool, log: Logger) {
        address = Mutex(tells ? nil : ListenAddress.url(listen))
        self.log = log
    }

    /// The api says in its log where it listens.
    func learn(from line: [UInt8]) {
        guard let stated = LogMerge.field("address", of: line) else { return }
        let url = stated.hasPrefix("http") ? stated : ListenAddress.url(stated)
        if let url { address.withLock { $0 = url.hasSuffix("/") ? url : url + "/" } }
    }

    /// Returns the address as soon as `/readyz` is 200 there; `nil` when the task is cancelled first.
    func wait() async -> String? {
        let client = HTTPClient(userAgent: "helicarrier-up", maximumConnections: 1, perHost: 1)
        defer { client.shutdown() }
        let clock = ContinuousClock()
        let start = clock.now
        var hasComplained = false
        while !Task.isCancelled {
            let url = address.withLock(\.self)
            var answer = "the api has not said where it listens"
            if let url {
                do throws(ClientError) {
                    let request = ClientRequest("GET", url + "readyz", totalTimeout: .seconds(2))
                    let response = try await client.send(request)
                    if response.status == 200 { return url }
                    answer = "\(url)readyz answers \(response.status)"
                } catch {
                    answer = "\(url)readyz: \(error)"
                }
            }
            if !hasComplained, clock.now - start > Self.patience {
                hasComplained = true
                log.log(.warning, "not ready yet", ["answer": answer])
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return nil
    }
}
