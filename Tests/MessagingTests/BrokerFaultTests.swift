import Domain
@testable import Messaging
import TestSupport
import Testing

/// One broker of its own for all of these: it takes longer to start than the tests to run.
@Suite("A broker in trouble", .timeLimit(.minutes(5)))
struct BrokerFaultTests {
    @Test("TLS, alarms, a killed broker and a queue that it lost, in this order")
    func troubles() async throws {
        let broker = try await PrivateBroker.start()
        let result: Result<Void, any Error>
        do {
            try await certificates(broker)
            try await alarm(broker)
            try await restart(broker)
            try await lostQueue(broker)
            result = .success(())
        } catch { result = .failure(error) }
        try broker.stop()
        try result.get()
    }

    /// The broker's certificate is for `localhost`, signed by its own authority.
    private func certificates(_ broker: PrivateBroker) async throws {
        let trusted = BrokerConnection(broker.tlsEndpoint)
        try await trusted.open()
        #expect(await trusted.isUsable)
        await trusted.close()

        var unknownAuthority = broker.tlsEndpoint
        unknownAuthority.tls = .init()
        var otherName = broker.tlsEndpoint
        otherName.host = "127.0.0.1"
        for endpoint in [unknownAuthority, otherName] {
            let error = await #expect(throws: MessagingError.self) { try await BrokerConnection(endpoint).open() }
            #expect(error?.code == .connectionFailed)
        }
        var noFile = broker.tlsEndpoint
        noFile.tls = .init(authorities: "/nonexistent.pem")
        let error = await #expect(throws: MessagingError.self) { try await BrokerConnection(noFile).open() }
        #expect(error?.code == .invalidEndpoint)
    }

    /// Out of memory, the broker reads nothing from publishers: they get an answer all the same.
    private func alarm(_ broker: PrivateBroker) async throws {
        let publisher = Publisher(broker.endpoint, logger: BrokerFixture.quiet)
        #expect(await publisher.publish([BrokerFixture.message(1)]) == [.confirmed])
        try broker.control("set_vm_memory_high_watermark absolute 1")
        // The broker says that it blocks when it is sent something.
        try await eventually {
            _ = await publisher.publish([BrokerFixture.message(2)], timeout: .milliseconds(300))
            return await !publisher.isReady
        }
        #expect(await publisher.publish([BrokerFixture.message(3)]) == [.notSent])
        try broker.control("set_vm_memory_high_watermark absolute 1GB")
        try await eventually { await publisher.publish([BrokerFixture.message(4)]) == [.confirmed] }
        await publisher.close()
    }

    /// What was confirmed is there after a kill, and consumer and publisher come back by themselves.
    private func restart(_ broker: PrivateBroker) async throws {
        let publisher = Publisher(broker.endpoint, logger: BrokerFixture.quiet)
        try await publisher.declareTopology()
        let (consumer, running, seen) = consume(.pass2, broker)
        try await eventually { consumer.isSubscribed }
        let parked = (1...50).map { BrokerFixture.message($0, queue: .report) }
        #expect(await publisher.publish(parked).allSatisfy { $0 == .confirmed })
        try broker.kill()
        #expect(await publisher.publish([BrokerFixture.message(1, queue: .pass2)]).allSatisfy { $0 != .confirmed })
        try await eventually { !consumer.isSubscribed }
        try await broker.startServer()
        try await eventually { await publisher.publish([BrokerFixture.message(99, queue: .pass2)]) == [.confirmed] }
        try await seen.wait(for: 1)
        #expect(await seen.tasks.contains(99))
        try await eventually { try await publisher.depth(of: .report).messages == 50 }
        await consumer.drain()
        await running.value
        await publisher.close()
    }

    /// The record of a quorum queue is gone and its process runs on, so that it can be neither used, deleted nor declared.
    private func lostQueue(_ broker: PrivateBroker) async throws {
        try broker.control(
            """
            eval 'rabbit_amqqueue:internal_delete(rabbit_misc:r(<<"/">>, queue, <<"pass1">>), <<"test">>).'
            """)
        let publisher = Publisher(broker.endpoint, logger: BrokerFixture.quiet)
        let error = await #expect(throws: MessagingError.self) { try await publisher.declareTopology() }
        #expect(error?.replyCode == 541 && error?.queue == "pass1")
        let (consumer, running, seen) = consume(.pass1, broker)
        try await eventually { await publisher.publish([BrokerFixture.message(7)]) == [.confirmed] }
        try await seen.wait(for: 1)
        // What was not confirmed may have arrived all the same, and is sent again.
        #expect(await Set(seen.tasks) == [7])
        await consumer.drain()
        await running.value
        await publisher.close()
    }

    /// A consumer that runs until it is drained, and what it sees.
    private func consume(_ queue: TaskQueue, _ broker: PrivateBroker) -> (TaskConsumer, Task<Void, Never>, Seen) {
        let seen = Seen()
        let consumer = TaskConsumer(broker.endpoint, queue: queue, logger: BrokerFixture.quiet)
        let running = Task {
            await consumer.run { delivery in
                await seen.add(delivery)
                return .done
            }
        }
        return (consumer, running, seen)
    }
}
