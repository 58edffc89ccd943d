import Glibc

/// The settings that a process was started with. Read once in `main`; nobody else looks at the environment.
package struct Environment: Sendable {
    private let values: [String: String]

    package init(_ values: [String: String]) {
        self.values = values
    }

    /// What the process inherited.
    package static var ofProcess: Environment {
        var values: [String: String] = [:]
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            let pair = unsafe String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
            unsafe entry += 1
        }
        return Environment(values)
    }

    /// The value of a variable that must be set.
    package func required<Value: Setting>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(SettingError) -> Value {
        guard let value = try optional(name, as: type) else { throw .missing(name, expected: Value.expectation) }
        return value
    }

    /// The value of a variable; unset and empty are the same.
    package func optional<Value: Setting>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(SettingError) -> Value? {
        guard let text = values[name], !text.isEmpty else { return nil }
        guard let value = Value(setting: text) else { throw .unreadable(name, expected: Value.expectation) }
        return value
    }

    package func value<Value: Setting>(
        _ name: String, default fallback: Value
    ) throws(SettingError) -> Value {
        try optional(name, as: Value.self) ?? fallback
    }

    /// A secret that a process may be given in three ways: in the variable; in the file that `NAME_FILE` names; or as
    /// a credential of the service manager (systemd's `LoadCredential=`). White space around it is not part of it.
    package func secret(_ name: String, credential: String) throws(SettingError) -> Secret? {
        if let secret = try optional(name, as: Secret.self) { return secret }
        let file = name + "_FILE"
        if let path = try optional(file, as: String.self) {
            guard let text = TextFile.read(path) else { throw .unreadable(file, expected: "a readable file") }
            return Secret(trimming: text)
        }
        guard let folder = try optional("CREDENTIALS_DIRECTORY", as: String.self),
            let text = TextFile.read(folder + "/" + credential)
        else { return nil }
        return Secret(trimming: text)
    }

    /// What is wrong with the settings that somebody reads, all of it: each that cannot be read is named once, and left
    /// out when the others are looked at. Empty where the first fault is none of a setting.
    package func faults(of read: (Environment) throws -> Void) -> [SettingError] {
        var faults: [SettingError] = []
        var rest = values
        while true {
            do {
                try read(Environment(rest))
                return faults
            } catch let fault as SettingError {
                faults.append(fault)
                guard rest.removeValue(forKey: fault.variable) != nil else { return faults }
            } catch {
                return faults
            }
        }
    }

    /// Every variable as text, for a child process.
    package var all: [String: String] { values }
}

/// A type that a setting's text can be read as.
package protocol Setting {
    /// What a good value looks like, for the error that a bad one gets.
    static var expectation: String { get }
    init?(setting text: String)
}

/// A setting that is missing or cannot be read. Names the variable, never its value: that may be a password.
package enum SettingError: ConfigurationFault, Equatable, CustomStringConvertible {
    case missing(String, expected: String)
    case unreadable(String, expected: String)

    var variable: String {
        switch self {
        case .missing(let name, _), .unreadable(let name, _): name
        }
    }

    package var description: String {
        switch self {
        case .missing(let name, let expected): "\(name) is not set; it expects \(expected)"
        case .unreadable(let name, let expected): "\(name) is not valid; it expects \(expected)"
        }
    }
}

/// An error that starting again cannot cure: the process ends with status 78, and systemd leaves it at that.
package protocol ConfigurationFault: Error {}

extension String: Setting {
    package static var expectation: String { "text" }
    package init?(setting text: String) { self = text }
}

extension Bool: Setting {
    package static var expectation: String { "true or false, or on or off" }
    package init?(setting text: String) {
        switch text {
        case "true", "1", "yes", "on": self = true
        case "false", "0", "no", "off": self = false
        default: return nil
        }
    }
}

extension Int: Setting {
    package static var expectation: String { "a whole number" }
    package init?(setting text: String) { self.init(text) }
}

/// A value that must not reach a log by accident; `reveal()` marks each place that means to use it.
package struct Secret: Setting, Sendable, CustomStringConvertible, CustomReflectable {
    package static let expectation = "a secret"
    private let value: String

    package init?(setting text: String) {
        value = text
    }

    /// `nil` where there is nothing but white space: an empty secret would be no secret.
    fileprivate init?(trimming text: String) {
        var rest = Substring(text)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        guard !rest.isEmpty else { return nil }
        value = String(rest)
    }

    package func reveal() -> String { value }
    package var description: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A length of time as people write it: `90s`, `5m`, `1h`, `1d`.
package struct Period: Setting, Equatable, Sendable {
    package static let expectation = "a length of time such as 90s, 5m, 1h or 1d"
    package let duration: Duration

    package init(_ duration: Duration) {
        self.duration = duration
    }

    package init?(setting text: String) {
        let seconds: Int64
        switch text.last {
        case "s": seconds = 1
        case "m": seconds = 60
        case "h": seconds = 3_600
        case "d": seconds = 86_400
        default: return nil
        }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let count = Int64(digits), count > 0,
            count <= 10_000_000
        else { return nil }
        duration = .seconds(count * seconds)
    }
}
