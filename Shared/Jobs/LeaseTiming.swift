/// How long a worker may be silent, how often it shows that it is alive, and how often it looks around unasked.
package struct LeaseTiming: Equatable, Sendable {
    /// How long a job may go without a sign of life before others take it.
    package let lease: Duration
    package let heartbeat: Duration
    /// The safety net below the doorbell: a lost ring delays a job by no more than this.
    package let slowPoll: Duration
    /// Who waited for the write lock for longer than this gives others the time to renew first: the lock that kept the
    /// one waiting kept the heartbeats waiting too.
    package let hesitation: Duration = .milliseconds(250)

    package static let standard = LeaseTiming(
        lease: .seconds(5), heartbeat: .milliseconds(1_500), slowPoll: .milliseconds(500))

    package init(lease: Duration, heartbeat: Duration, slowPoll: Duration) {
        precondition(
            heartbeat > .zero && slowPoll > .zero && heartbeat * 2 < lease, "a lease outlasts a lost heartbeat")
        self.lease = lease
        self.heartbeat = heartbeat
        self.slowPoll = slowPoll
    }
}
