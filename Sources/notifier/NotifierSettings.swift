import Daemon
import Store
import Webhooks

/// What the notifier is started with. Read once; the doc of each variable is ``description``.
struct NotifierSettings: Sendable {
    let location: DatabaseLocation
    let policy: AddressPolicy

    static let description = DatabaseLocation.settings + DestinationSettings.settings

    init(_ environment: Environment) throws(SettingError) {
        location = try DatabaseLocation(environment)
        policy = try DestinationSettings.policy(environment)
    }
}
