import CCurl
import Glibc
import Synchronization
import Threads

/// A call on its way to the loop.
struct Submission: Sendable {
    let id: UInt64
    let request: ClientRequest
    let complete: Transfer.Completion
}

/// The one thread that runs every call of a client, through libcurl's multi interface.
///
/// Other threads put work into the inbox and wake the loop; nothing else is shared. Every submission is completed
/// exactly once, at the latest when the loop stops.
@safe final class TransferLoop: Sendable {
    private struct Inbox {
        var submissions: [Submission] = []
        var cancellations: [UInt64] = []
        var isStopped = false
    }

    /// What every call of the client has in common.
    struct Rules: Sendable {
        let userAgent: String
        let authorities: String?
        let connections: Int
        let connectionsPerHost: Int
    }

    private let rules: Rules
    // Used by the loop's thread alone, but for `curl_multi_wakeup`, which libcurl allows from any.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer
    private let inbox = Mutex(Inbox())
    private let thread = Mutex<DedicatedThread?>(nil)

    /// The loop looks up at least this often, even if nothing happens.
    private static let longestPause: Int32 = 60_000

    init(_ rules: Rules) {
        precondition(libraryIsReady, "libcurl cannot be initialised")
        guard let multi = unsafe curl_multi_init() else { preconditionFailure("libcurl has no memory") }
        unsafe self.multi = unsafe multi
        self.rules = rules
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, rules.connections)
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, rules.connectionsPerHost)
        _ = unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, rules.connections)
        thread.withLock { $0 = DedicatedThread { self.run() } }
    }

    deinit {
        unsafe curl_multi_cleanup(multi)
    }

    func submit(_ submission: Submission) {
        let isAccepted = inbox.withLock { inbox in
            guard inbox.isStopped == false else { return false }
            inbox.submissions.append(submission)
            return true
        }
        if isAccepted { wake() } else { submission.complete(.failure(Self.shutDown)) }
    }

    /// Ends the call if it is still running.
    func cancel(_ id: UInt64) {
        inbox.withLock { $0.cancellations.append(id) }
        wake()
    }

    /// Ends every call and the thread, and waits for that.
    func stop() {
        inbox.withLock { $0.isStopped = true }
        wake()
        let last = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        last?.join()
    }

    private static let shutDown = ClientError(.cancelled, "the client has shut down")

    private func wake() {
        unsafe curl_multi_wakeup(multi)
    }

    private func run() {
        blockBrokenPipes()
        var running: [UInt64: Transfer] = [:]
        var ids: [UInt: UInt64] = [:]
        while true {
            let work = inbox.withLock { inbox in
                defer { inbox = Inbox(isStopped: inbox.isStopped) }
                return inbox
            }
            for submission in work.submissions {
                guard let transfer = start(submission) else { continue }
                running[transfer.id] = transfer
                ids[transfer.identity] = transfer.id
            }
            for id in work.cancellations {
                guard let transfer = running.removeValue(forKey: id) else { continue }
                ids[transfer.identity] = nil
                end(transfer) { $0.cancel("the task was cancelled") }
            }
            if work.isStopped { break }
            advance(&running, &ids)
        }
        for transfer in running.values { end(transfer) { $0.cancel(Self.shutDown.message) } }
    }

    private func start(_ submission: Submission) -> Transfer? {
        guard var handle = EasyHandle() else {
            submission.complete(.failure(ClientError(.connect, "libcurl has no memory")))
            return nil
        }
        handle.setRules(userAgent: rules.userAgent, authorities: rules.authorities)
        handle.set(submission.request)
        let transfer = Transfer(submission, handle: handle)
        guard unsafe transfer.start(on: multi) else {
            transfer.finish(CURLE_FAILED_INIT)
            return nil
        }
        return transfer
    }

    /// Moves bytes, completes what has ended, and waits for more.
    private func advance(_ running: inout [UInt64: Transfer], _ ids: inout [UInt: UInt64]) {
        var active: Int32 = 0
        unsafe curl_multi_perform(multi, &active)
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let id = ids.removeValue(forKey: unsafe UInt(bitPattern: message.pointee.easy_handle)),
                let transfer = running.removeValue(forKey: id)
            else { continue }
            // The message is gone once its handle is removed.
            let result = unsafe ccurl_message_result(message)
            end(transfer) { $0.finish(result) }
        }
        unsafe curl_multi_poll(multi, nil, 0, Self.longestPause, nil)
    }

    private func end(_ transfer: Transfer, _ settle: (Transfer) -> Void) {
        // The figures of a handle are read before it leaves; after that libcurl forgets the connection.
        settle(transfer)
        unsafe transfer.remove(from: multi)
    }
}

/// `curl_global_init` must run once, before any other function of libcurl.
private let libraryIsReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

/// OpenSSL writes to sockets without MSG_NOSIGNAL. The signal goes to the thread that wrote, so blocking it there
/// makes it harmless.
private func blockBrokenPipes() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
}
