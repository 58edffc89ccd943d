import CLinux
import Glibc
import Synchronization
import Threads

/// Wakes the processes that wait for work, within a millisecond, by datagrams to sockets in one directory.
///
/// A ring says "look", never "do": a lost one delays what the slow poll of the listener finds anyway.
@safe package final class Doorbell: Sendable {
    private let directory: String
    private let directoryDescriptor: Int32
    private let ringer: Int32

    /// - Parameter directory: is made if it is missing; bells of all processes that share a database live in it.
    package init?(directory: String) {
        _ = unsafe mkdir(directory, 0o700)
        directoryDescriptor = unsafe clinux_open_directory(directory)
        ringer = clinux_ringer()
        self.directory = directory
        guard directoryDescriptor >= 0, ringer >= 0 else {
            if directoryDescriptor >= 0 { close(directoryDescriptor) }
            if ringer >= 0 { close(ringer) }
            return nil
        }
    }

    deinit {
        close(directoryDescriptor)
        close(ringer)
    }

    /// Wakes every listener whose name begins with `prefix`, and clears away those that died.
    /// - Returns: how many are alive.
    @discardableResult
    package func ring(_ prefix: String) -> Int {
        var alive = 0
        for name in names() where name.hasPrefix(prefix + ".") {
            if unsafe clinux_ring(ringer, directoryDescriptor, name) == ECONNREFUSED {
                _ = unsafe unlinkat(directoryDescriptor, name, 0)
            } else {
                alive += 1
            }
        }
        return alive
    }

    /// Listens as `name` until the returned bell is let go. `name` is a prefix, a dot and what makes it unique.
    package func listen(as name: String, onRing: @escaping @Sendable () -> Void) -> Bell? {
        let descriptor = unsafe clinux_bell(directoryDescriptor, name)
        guard descriptor >= 0 else { return nil }
        return Bell(descriptor: descriptor, path: directory + "/" + name, onRing: onRing)
    }

    private func names() -> [String] {
        guard let listing = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(listing) }
        var names: [String] = []
        while let entry = unsafe readdir(listing) {
            unsafe names.append(
                withUnsafePointer(to: entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                })
        }
        return names
    }
}

/// A socket that listens for rings until it is let go, on a thread of its own.
///
/// Not a source of Dispatch: making some while others end breaks its list of them on Linux, and one is never called
/// again (swift-corelibs-libdispatch, issue 949).
package final class Bell: Sendable {
    private let path: String
    private let descriptor: Int32
    private let isOver: Over

    /// Outlives the bell: its thread looks at it last.
    private final class Over: Sendable {
        let flag = Atomic(false)
    }

    fileprivate init(descriptor: Int32, path: String, onRing: @escaping @Sendable () -> Void) {
        self.path = path
        self.descriptor = descriptor
        let isOver = Over()
        self.isOver = isOver
        DedicatedThread {
            // Closed here and nowhere else, so that the number is no other file's while the thread waits.
            defer { close(descriptor) }
            while clinux_await_ring(descriptor) >= 0, !isOver.flag.load(ordering: .acquiring) { onRing() }
        }.detach()
    }

    deinit {
        _ = unsafe unlink(path)
        isOver.flag.store(true, ordering: .releasing)
        // The thread's wait ends at once, now and from now on.
        _ = shutdown(descriptor, Int32(SHUT_RD))
    }
}
