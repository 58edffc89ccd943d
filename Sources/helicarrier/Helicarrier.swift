import Glibc

/// The operator's command. Nothing here decides anything.
@main
struct Helicarrier {
    static let commands = CommandTable(
        commands: [Up.command, Migrate.command, ImportHub.command, Replay.command, QueueList.command]
            + [QueueLimits.command] + QueueJobs.commands + QueueActs.commands + QueuePause.commands + Token.commands
            + WebhookLooks.commands + WebhookActs.commands + AlertLooks.commands + AlertActs.commands + Audit.commands
            + PriceBooks.commands + PriceRecompute.commands + ImportLedger.commands + Backup.commands + [
                Rejects.command, AnomaliesList.command, AnomaliesTune.command, Doctor.command, Restore.command,
            ])

    static func main() async {
        umask(0o077)
        let status = await commands.run(Array(CommandLine.arguments.dropFirst()), Session.ofProcess())
        exit(status.rawValue)
    }
}
