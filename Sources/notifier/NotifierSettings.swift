import Daemon
import Model
import Store
import Webhooks

/// What the notifier is started with. Read once; the doc of each variable is ``description``.
struct NotifierSettings: Sendable {
    let location: DatabaseLocation
    let policy: AddressPolicy
    /// How long ended deliveries and their events are kept.
    let kept: Duration
    /// A file of certificates that receivers' certificates may be signed by, beside those that the system trusts.
    let authorities: String?

    static let description =
        DatabaseLocation.settings + DestinationSettings.settings + [
            (
                name: "HELICARRIER_KEEP_DELIVERIES", default: "30d",
                meaning: "how long deliveries that have ended are kept, with their attempts and events"
            ),
            (
                name: "HELICARRIER_WEBHOOK_CA_FILE", default: "none",
                meaning: "a PEM file of certificate authorities that webhooks trust beside the system's"
            ),
        ]

    init(_ environment: Environment) throws(SettingError) {
        location = try DatabaseLocation(environment)
        policy = try DestinationSettings.policy(environment)
        authorities = try environment.optional("HELICARRIER_WEBHOOK_CA_FILE", as: String.self)
        if let authorities, TextFile.read(authorities)?.contains("-----BEGIN CERTIFICATE-----") != true {
            throw SettingError.unreadable(
                "HELICARRIER_WEBHOOK_CA_FILE", expected: "a readable PEM file with a certificate")
        }
        kept = try environment.value("HELICARRIER_KEEP_DELIVERIES", default: Period(.days(30))).duration
    }
}
