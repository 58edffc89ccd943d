import Glibc
import Synchronization
import TestKit

@testable import HTTPClient

/// Something that happens once. Waiting ends when it has.
final class Signal: Sendable {
    private let state = Mutex<(hasFired: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    func fire() {
        let waiting = state.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for one in waiting { one.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let hasFired = state.withLock { state in
                if state.hasFired == false { state.waiting.append(continuation) }
                return state.hasFired
            }
            if hasFired { continuation.resume() }
        }
    }
}

/// A client for a test.
func client(perHost: Int = 64) -> HTTPClient {
    HTTPClient(userAgent: "tests/1", maximumConnections: 64, perHost: perHost)
}

/// Lets threads go when all that are expected are there.
@safe final class Arrivals: @unchecked Sendable {
    // Guarded by the POSIX barrier itself, which is made for several threads and lives until the object goes.
    private let barrier: UnsafeMutablePointer<pthread_barrier_t>

    init(expected: UInt32) {
        unsafe barrier = .allocate(capacity: 1)
        unsafe pthread_barrier_init(barrier, nil, expected)
    }

    deinit {
        unsafe pthread_barrier_destroy(barrier)
        unsafe barrier.deallocate()
    }

    func join() {
        unsafe pthread_barrier_wait(barrier)
    }
}
