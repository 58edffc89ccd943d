import FoundationEssentials
import Glibc
import Synchronization

/// A process that a test started: its output is kept, it can be signalled and waited for, and it does not outlive the
/// test. No other process is ever signalled: a number that has been waited for is forgotten at once.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Ending: Equatable, Sendable {
        case exited(Int32)
        case killed(Int32)
    }

    private enum State {
        case running(pid_t)
        case ended(Ending)
    }

    private let state: Mutex<State>
    private let directory: TemporaryDirectory

    /// - Parameters:
    ///   - executable: a path, or the name of one of the package's products.
    ///   - environment: all of it; nothing is inherited.
    package init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let path = executable.contains("/") ? executable : try BuiltProducts.path(of: executable)
        let directory = try TemporaryDirectory()
        let outputs = [1: directory.file("output"), 2: directory.file("error")] as [Int32: String]
        let number = try spawn(
            path, [path] + arguments, environment.map { "\($0.key)=\($0.value)" }, outputs: outputs)
        self.directory = directory
        state = Mutex(.running(number))
    }

    deinit {
        state.withLock { state in
            guard case .running(let number) = state else { return }
            kill(number, SIGCONT)
            kill(number, SIGKILL)
            _ = waitpid(number, nil, 0)
        }
    }

    package var output: String { text("output") }
    package var errorOutput: String { text("error") }

    private func text(_ name: String) -> String {
        (try? Data(contentsOf: URL(filePath: directory.file(name)))).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    /// Sends a signal, unless the process has ended.
    package func signal(_ number: Int32) {
        state.withLock { state in
            guard Self.collect(&state) == nil, case .running(let process) = state else { return }
            kill(process, number)
        }
    }

    /// How the process ended, or `nil` while it runs.
    package var ending: Ending? { state.withLock { Self.collect(&$0) } }

    /// Waits for the end; throws ``Overdue`` after `limit`, and leaves the process running.
    @discardableResult
    package func wait(atMost limit: Duration = .seconds(180)) async throws -> Ending {
        try await eventually("the process has ended", atMost: limit) { ending }
    }

    /// Waits until the standard error contains a text: how a test knows that a daemon is ready.
    package func waitForLog(_ text: String, atMost limit: Duration = .seconds(180)) async throws {
        do {
            try await eventually("the log says \(text)", atMost: limit) { errorOutput.contains(text) ? true : nil }
        } catch let overdue as Overdue {
            throw Overdue(description: overdue.description + "\n" + errorOutput)
        }
    }

    private static func collect(_ state: inout State) -> Ending? {
        switch state {
        case .ended(let ending): return ending
        case .running(let number):
            var status: Int32 = 0
            guard unsafe waitpid(number, &status, WNOHANG) == number else { return nil }
            let signal = status & 0x7f
            let ending: Ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal)
            state = .ended(ending)
            return ending
        }
    }
}

/// Starts a program with its outputs in files, so that no full pipe can hold it up.
private func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], outputs: [Int32: String]
) throws -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    // A child that reads gets the end of the file at once, and not what somebody types who runs the tests.
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (descriptor, file) in outputs {
        unsafe posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    var number: pid_t = 0
    let code = unsafe withStrings(arguments) { arguments in
        unsafe withStrings(environment) { environment in
            unsafe posix_spawn(&number, path, &actions, nil, arguments, environment)
        }
    }
    guard code == 0 else { throw Overdue(description: "cannot start \(path): \(code)") }
    return number
}

private func withStrings<Result>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("the list has at least its end mark") }
        return unsafe body(start)
    }
}
