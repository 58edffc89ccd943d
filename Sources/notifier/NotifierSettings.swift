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

    static let description =
        DatabaseLocation.settings + DestinationSettings.settings + [
            (
                name: "HELICARRIER_KEEP_DELIVERIES", default: "30d",
                meaning: "how long deliveries that have ended are kept, with their attempts and events"
            )
        ]

    init(_ environment: Environment) throws(SettingError) {
        location = try DatabaseLocation(environment)
        policy = try DestinationSettings.policy(environment)
        kept = try environment.value("HELICARRIER_KEEP_DELIVERIES", default: Period(.days(30))).duration
    }
}
