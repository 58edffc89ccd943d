import CLinux
import Glibc

/// A program that was started by this process and whose life is bound to it: if the thread that started it ends,
/// however it ends, the kernel kills the child.
///
/// So children are started by a thread that lasts as long as they do. Used by that thread alone.
@safe package struct BoundProcess: ~Copyable {
    package let number: Int32
    /// What the child writes, both outputs together. Reading does not block.
    package let output: Int32

    /// - Returns: `nil` where the system has no process or no descriptor left. A program that cannot be executed ends
    ///   with status 127.
    package init?(path: String, arguments: [String] = [], environment: [String: String]) {
        var ends: [Int32] = [-1, -1]
        guard unsafe clinux_pipe(&ends) == 0 else { return nil }
        let variables = environment.map { "\($0.key)=\($0.value)" }.sorted()
        let child = unsafe CStringArray([path] + arguments).withPointers { words in
            unsafe CStringArray(variables).withPointers { values in
                unsafe clinux_spawn(path, words, values, ends[1])
            }
        }
        close(ends[1])
        guard child > 0 else {
            close(ends[0])
            return nil
        }
        number = child
        output = ends[0]
    }

    deinit {
        close(output)
    }

    /// The exit status, or 128 and the number of the signal that ended it; `nil` while it runs. Not asked again after
    /// that.
    package func exitStatus() -> Int32? {
        let status = clinux_child_status(number)
        return status < 0 ? nil : status
    }

    /// Sends a signal to the child.
    package func send(_ signal: Int32) {
        kill(number, signal)
    }

    /// What the child has written and nobody has read, and whether it has closed its output.
    package func readOutput() -> (bytes: [UInt8], atEnd: Bool) {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        // Bounded, so that a child that writes without end does not keep its parent from everything else.
        for _ in 0..<16 {
            let count = unsafe read(output, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return (bytes, count == 0) }
            bytes.append(contentsOf: chunk[..<count])
        }
        return (bytes, false)
    }
}

/// Waits for the output of children, and can be woken by other threads.
@safe package final class OutputWatch: Sendable {
    private let reader: Int32
    private let writer: Int32

    package init?() {
        var ends: [Int32] = [-1, -1]
        guard unsafe clinux_pipe(&ends) == 0 else { return nil }
        reader = ends[0]
        writer = ends[1]
    }

    deinit {
        close(reader)
        close(writer)
    }

    /// Ends a wait that is going on, or the next one.
    package func wake() {
        var byte: UInt8 = 0
        _ = unsafe write(writer, &byte, 1)
    }

    /// Waits until one of the descriptors has something to read or is at its end, somebody wakes, or the time is over.
    package func wait(for descriptors: [Int32], upTo limit: Duration) {
        var polled = ([reader] + descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let milliseconds = limit.components.seconds * 1_000 + limit.components.attoseconds / 1_000_000_000_000_000
        _ = unsafe poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds))
        var rings = [UInt8](repeating: 0, count: 64)
        while unsafe read(reader, &rings, rings.count) > 0 {}
    }
}

/// Texts as C wants them: an array of pointers with nothing at its end.
private struct CStringArray {
    private let texts: [String]

    init(_ texts: [String]) {
        self.texts = texts
    }

    func withPointers<Result>(_ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result) -> Result {
        var pointers = unsafe texts.map { unsafe strdup($0) }
        unsafe pointers.append(nil)
        defer { unsafe pointers.forEach { unsafe free($0) } }
        return unsafe body(pointers)
    }
}
