import Daemon

/// What is wrong with a file of the configuration folder.
///
/// It names the file, the place in it as a JSON pointer (RFC 6901) and what was expected there, never the value.
package struct DeploymentError: ConfigurationFault, Equatable, Sendable, CustomStringConvertible {
    package let file: String
    /// Empty for the file as a whole.
    package let pointer: String
    package let expected: String

    package init(file: String, pointer: String = "", expected: String) {
        self.file = file
        self.pointer = pointer
        self.expected = expected
    }

    package var description: String {
        pointer.isEmpty ? "\(file): expected \(expected)" : "\(file): at \(pointer) expected \(expected)"
    }
}
