import CLinux

/// What the process has taken from the system.
package enum ProcessMemory {
    /// Gives back what was freed, after something large was loaded: the allocator would keep it for the next time.
    package static func trim() {
        clinux_trim_memory()
    }
}
