import Crypto
import HTTPClient
import JSON
import Jobs
import Model
import Store
import Webhooks

/// One attempt as it went: what is logged of it, and what it means.
struct Tried: Sendable {
    var attempt: DeliveryAttempt
    let judgement: DeliveryJudgement
    /// Whether the process's own end broke it off.
    var wasInterrupted = false
}

extension DeliverStage {
    private static let connectTimeout = Duration.seconds(5)
    private static let totalTimeout = Duration.seconds(15)
    /// Only so much of an answer is read and kept.
    static let largestResponse = 16 << 10

    /// Resolves, judges, signs and sends. It never throws: whatever happens is an attempt.
    func tryOnce(_ stored: Stored, _ signing: SigningKeys, _ context: JobContext) async -> Tried {
        let startedAt = now()
        var attempt = DeliveryAttempt(
            delivery: stored.delivery.id, of: stored.subscription.id, counts: stored.delivery.counts,
            number: stored.delivery.attempts + 1,
            url: String(stored.subscription.url.prefix { $0 != "?" }),
            bodySHA256: SHA256.digest(stored.event.body).bytes, startedAt: startedAt, worker: context.worker)
        attempt.keys = signing.names
        attempt.traceParent = newSpan(context.traceParent ?? stored.event.traceParent)
        let url: DestinationURL
        let pin: PinnedAddress
        do throws(Stop) {
            url = try destination(stored)
            attempt.url = url.redacted
            pin = try await address(of: url, attempt: attempt.number)
        } catch {
            attempt.steps.total = milliseconds(since: startedAt)
            return Tried(attempt: attempt, judgement: error.judgement, wasInterrupted: error.wasInterrupted)
        }
        attempt.steps.dns = milliseconds(since: startedAt)
        attempt.address = pin.address
        let request = request(to: url, at: pin, stored, signing, &attempt, elapsed: now() - startedAt)
        do throws(ClientError) {
            let response = try await send(request)
            attempt.take(response)
            attempt.steps.total = milliseconds(since: startedAt)
            return Tried(attempt: attempt, judgement: judge(response, stored))
        } catch {
            attempt.take(error)
            attempt.steps.total = milliseconds(since: startedAt)
            return Tried(
                attempt: attempt, judgement: DeliveryJudgement(error), wasInterrupted: error.kind == .cancelled)
        }
    }

    /// Why nothing was sent.
    private struct Stop: Error {
        let judgement: DeliveryJudgement
        var wasInterrupted = false

        init(_ refusal: DestinationRefusal) {
            judgement = .refused("\(refusal)")
        }

        init(_ error: ClientError) {
            judgement = DeliveryJudgement(error)
            wasInterrupted = error.kind == .cancelled
        }
    }

    /// The URL is judged again at each attempt: the policy may have changed since it was entered.
    private func destination(_ stored: Stored) throws(Stop) -> DestinationURL {
        do throws(DestinationRefusal) {
            return try DestinationURL(
                stored.subscription.url, allowHTTP: stored.subscription.allowHTTP, policy: policy)
        } catch {
            throw Stop(error)
        }
    }

    /// Resolves once, judges every address, and picks the one that is dialled: attempts take turns, so that one dead
    /// address of several does not fail them all.
    private func address(of url: DestinationURL, attempt: Int) async throws(Stop) -> PinnedAddress {
        let texts: [String]
        let host: String
        switch url.host {
        case .address(let address): (host, texts) = ("\(address)", ["\(address)"])
        case .name(let name): (host, texts) = (name, try await resolved(name))
        }
        do throws(DestinationRefusal) {
            let addresses = try policy.judged(resolved: texts, port: url.port)
            return PinnedAddress(
                host: host, port: url.port, address: "\(addresses[(attempt - 1) % addresses.count])")
        } catch {
            throw Stop(error)
        }
    }

    private func resolved(_ name: String) async throws(Stop) -> [String] {
        do throws(ClientError) {
            return try await resolve(name)
        } catch {
            throw Stop(error)
        }
    }

    /// Signs with this attempt's time by every valid key.
    private func request(
        to url: DestinationURL, at pin: PinnedAddress, _ stored: Stored, _ signing: SigningKeys,
        _ attempt: inout DeliveryAttempt, elapsed: Duration
    ) -> ClientRequest {
        let body = stored.event.body
        let signed = signing.signer.headers(id: stored.event.id, timestamp: now().milliseconds / 1_000, body: body)
        var headers = [
            HeaderLine("content-type", "application/json"),
            HeaderLine("user-agent", "helicarrier/\(Release.version)"),
        ]
        if let traceParent = attempt.traceParent { headers.append(HeaderLine("traceparent", traceParent)) }
        headers += signed.map { HeaderLine($0.name, $0.value) }
        attempt.requestHeaders = headers.map { line in
            // What signs is proof of our keys, and of no use to a reader of the log.
            DeliveryAttempt.Line(line.name, line.name == "webhook-signature" ? "‹redacted›" : line.value)
        }
        return ClientRequest(
            "POST", url.text, headers: headers, body: body, connectTimeout: Self.connectTimeout,
            totalTimeout: max(.seconds(1), Self.totalTimeout - max(.zero, elapsed)),
            maximumBodyBytes: Self.largestResponse, keepsBodyBeyondLimit: true, acceptsCompression: false,
            pinnedAddress: pin)
    }

    private func judge(_ response: ClientResponse, _ stored: Stored) -> DeliveryJudgement {
        let judgement = DeliveryJudgement(response, now: now())
        guard judgement == .success, stored.isVerification, let challenge = stored.subscription.challenge else {
            return judgement
        }
        let limits = JSONLimits(depth: 16, bytes: Self.largestResponse)
        guard let answer = try? JSONDocument(parsing: response.body, limits: limits),
            answer.root["challenge"]?.equals(challenge) == true
        else { return .notUnderstood("the answer does not echo the challenge as JSON") }
        return judgement
    }

    private func milliseconds(since start: Timestamp) -> Int {
        max(0, Int((now() - start).milliseconds))
    }
}

extension DeliveryAttempt {
    /// Header lines of an answer that say something about its delivery; others may hold cookies.
    private static let keptHeaders: Set = [
        "content-type", "content-length", "date", "server", "retry-after", "location", "x-request-id", "via",
    ]
    private static let longestValue = 512

    fileprivate mutating func take(_ response: ClientResponse) {
        status = response.status
        httpVersion = response.httpVersion
        tlsVersion = response.tlsVersion
        address = response.remoteAddress ?? address
        responseHeaders = response.headers.lines.filter { Self.keptHeaders.contains($0.name.lowercased()) }.prefix(16)
            .map { Line($0.name.lowercased(), Self.shown($0)) }
        responseBody = response.body
        isTruncated = response.truncated
        take(response.timings)
    }

    /// A place to go to is shown without its query, like our own URL.
    private static func shown(_ line: HeaderLine) -> String {
        let isPlace = line.isNamed("location")
        return String(line.value.prefix { !isPlace || $0 != "?" }.prefix(longestValue))
    }

    /// An answer that broke off is on record as far as it came.
    fileprivate mutating func take(_ error: ClientError) {
        if let partial = error.partialResponse { take(partial) }
        address = error.remoteAddress ?? address
        take(error.timings)
    }

    /// The name was resolved by us, so its time is not libcurl's.
    private mutating func take(_ timings: Timings) {
        steps.connect = timings.connect
        steps.tls = timings.tls
        steps.firstByte = timings.firstByte
    }
}
