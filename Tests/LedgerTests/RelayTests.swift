import Domain
import Ledger
import Messaging
import TestSupport
import Testing

@Suite("From the ledger to the broker", .timeLimit(.minutes(5)))
struct RelayTests {
    private func withBoth(
        _ body: @escaping @Sendable (JobLedger, Publisher, OutboxRelay, Topology) async throws -> Void
    ) async throws {
        try await TestLedger.withLedger(adjust: { $0.outboxHold = .zero }) { ledger in
            let topology = TestTopology.make()
            let publisher = Publisher(try TestTopology.endpoint(), topology: topology, logger: TestLedger.quiet)
            let relay = OutboxRelay(source: ledger, publisher: publisher, logger: TestLedger.quiet)
            let result: Result<Void, any Error>
            do { result = .success(try await body(ledger, publisher, relay, topology)) } catch { result = .failure(error) }
            try await TestTopology.remove(topology)
            await publisher.close()
            try result.get()
        }
    }

    @Test("What was committed is published once, then marked; a second round finds nothing")
    func once() async throws {
        try await withBoth { ledger, publisher, relay, _ in
            _ = try await JobDriver(ledger: ledger).create()
            #expect(try await relay.drainOnce() == 2)
            #expect(try await relay.drainOnce() == 0)
            #expect(try await ledger.metrics().outboxDepth == 0)
            try await eventually { try await publisher.depth(of: .pass1).messages == 1 }
        }
    }

    @Test("Relays at the same time leave nothing behind, and a task that is heard of twice is done once")
    func twice() async throws {
        try await withBoth { ledger, publisher, relay, topology in
            let driver = JobDriver(ledger: ledger)
            let (job, messages) = try await driver.create()
            // The process that committed publishes, and so do two relays, because the hold is over at once.
            await relay.send(messages)
            await relay.send(messages)
            let published = try await publisher.depth(of: .pass1).messages
            #expect(published <= 2)
            let seen = Tally()
            let consumer = TaskConsumer(
                try TestTopology.endpoint(), topology: topology, queue: .pass1, logger: TestLedger.quiet)
            async let running: Void = consumer.run { delivery in
                do {
                    switch try await ledger.claim(delivery.message.taskID, worker: "w", redelivered: delivery.redelivered) {
                    case .claimed(let task):
                        _ = try await ledger.complete(task.claim, JobDriver.smallPlan())
                        await seen.add("claimed")
                    case .finished: await seen.add("finished")
                    default: await seen.add("other")
                    }
                } catch { await seen.add("\(error)") }
                return .done
            }
            try await seen.wait(for: 2)
            await consumer.drain()
            await running
            #expect(await seen.all == ["claimed", "finished"])
            #expect(try await ledger.job(job.jobID, tenantID: nil)?.state == .pass2Running)
        }
    }

    @Test("With the broker away everything stays in the outbox, and goes out when it is back")
    func brokerAway() async throws {
        try await withBoth { ledger, _, relay, topology in
            let proxy = try await TCPProxy.toBroker()
            let publisher = Publisher(try BrokerEndpoint(url: proxy.url), topology: topology, logger: TestLedger.quiet)
            let lame = OutboxRelay(source: ledger, publisher: publisher, logger: TestLedger.quiet)
            try await publisher.declareTopology()
            let driver = JobDriver(ledger: ledger)
            proxy.down()
            let (_, messages) = try await driver.create()
            #expect(await lame.send(messages) == 0)
            #expect(try await ledger.metrics().outboxDepth == 2)
            proxy.restore()
            try await eventually {
                _ = try await lame.drainOnce()
                return try await ledger.metrics().outboxDepth == 0
            }
            await publisher.close()
            await proxy.stop()
        }
    }
}

/// Counts, and lets a test wait for a count.
private actor Tally {
    private(set) var all: [String] = []
    func add(_ what: String) { all.append(what) }
    nonisolated func wait(for count: Int) async throws { try await eventually { await all.count >= count } }
}
