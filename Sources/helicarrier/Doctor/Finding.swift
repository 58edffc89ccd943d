/// What one examination of `doctor` found, and what to do about it.
struct Finding: Equatable, Sendable {
    enum Verdict: String, Sendable {
        case ok
        case warn
        case fail
    }

    let subject: String
    let verdict: Verdict
    let text: String
    /// Nothing where nothing is to be done.
    let advice: String?

    static func ok(_ subject: String, _ text: String) -> Finding {
        Finding(subject: subject, verdict: .ok, text: text, advice: nil)
    }

    static func warn(_ subject: String, _ text: String, do advice: String) -> Finding {
        Finding(subject: subject, verdict: .warn, text: text, advice: advice)
    }

    static func fail(_ subject: String, _ text: String, do advice: String) -> Finding {
        Finding(subject: subject, verdict: .fail, text: text, advice: advice)
    }
}
