/// The colours a reader asked for. The cookie `theme` keeps the choice; without one the system decides.
enum Theme: String, Sendable, CaseIterable {
    case system
    case light
    case dark

    /// Reads the value of the cookie; anything unknown means the system's own.
    init(cookie value: String?) {
        self = value.flatMap(Theme.init(rawValue:)) ?? .system
    }
}

/// How tall the rows of a table are; part of the address, so that a link keeps it.
enum Density: String, Sendable, CaseIterable {
    case cosy
    case compact
}
