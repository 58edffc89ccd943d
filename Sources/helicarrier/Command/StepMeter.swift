import Synchronization

/// The bar of work that has several steps, redrawn only when it would look different.
final class StepMeter: Sendable {
    private let terminal: Terminal
    private let last = Mutex((step: "", part: -1))

    init(_ terminal: Terminal) {
        self.terminal = terminal
    }

    @Sendable func show(_ step: String, _ done: Int, _ total: Int) {
        let part = total == 0 ? 100 : done * 100 / total
        let changed = last.withLock { last in
            defer { last = (step, part) }
            return last != (step, part)
        }
        guard changed, terminal.errorIsTerminal else { return }
        ProgressBar(step, on: terminal).show(part, of: 100, note: "%")
    }

    func clear() {
        ProgressBar("", on: terminal).clear()
    }
}
