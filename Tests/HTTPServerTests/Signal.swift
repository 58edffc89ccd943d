import Synchronization

/// Something that happens once. Waiting ends when it has.
final class Signal: Sendable {
    private enum State {
        case pending([CheckedContinuation<Void, Never>])
        case fired
    }

    private let state = Mutex(State.pending([]))

    func fire() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard case .pending(let waiting) = state else { return [] }
            state = .fired
            return waiting
        }
        for one in waiting { one.resume() }
    }

    /// Not ended by cancellation: a handler that waits here ignores it.
    func wait() async {
        await withCheckedContinuation { continuation in
            let hasFired = state.withLock { state in
                guard case .pending(let waiting) = state else { return true }
                state = .pending(waiting + [continuation])
                return false
            }
            if hasFired { continuation.resume() }
        }
    }

    /// Ended by cancellation too.
    func waitUnlessCancelled() async {
        await withTaskCancellationHandler {
            await wait()
        } onCancel: {
            fire()
        }
    }
}

/// Lets its visitors go when all of them are there.
final class Meeting: Sendable {
    private let missing: Mutex<Int>
    private let complete = Signal()

    init(of count: Int) {
        missing = Mutex(count)
    }

    func join() async {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        if isLast { complete.fire() }
        await complete.wait()
    }
}
