import Domain
@testable import Messaging
import TestSupport
import Testing

@Suite("Consuming", .timeLimit(.minutes(5)))
struct TaskConsumerTests {
    @Test("Tasks are handled one at a time, in order, and are gone from the queue")
    func inOrder() async throws {
        try await BrokerFixture.run { broker in
            let seen = Seen()
            let consumer = broker.consumer()
            async let running: Void = consumer.run { delivery in
                await seen.add(delivery)
                return .done
            }
            _ = await broker.publisher.publish((1...20).map { BrokerFixture.message($0) })
            try await seen.wait(for: 20)
            await consumer.drain()
            await running
            #expect(await seen.tasks == Array(1...20))
            try await eventually { try await broker.publisher.depth(of: .pass1) == (0, 0) }
        }
    }

    @Test("Draining waits for the handler in flight and leaves the rest to others")
    func drain() async throws {
        try await BrokerFixture.run { broker in
            _ = await broker.publisher.publish([BrokerFixture.message(1), BrokerFixture.message(2)])
            let seen = Seen()
            let (gate, opener) = AsyncStream<Void>.makeStream()
            let consumer = broker.consumer()
            async let running: Void = consumer.run { delivery in
                await seen.add(delivery)
                for await _ in gate { break }
                return .done
            }
            try await seen.wait(for: 1)
            #expect(consumer.isSubscribed)
            await consumer.drain()
            #expect(!consumer.isSubscribed)
            opener.yield()
            await running
            #expect(await seen.tasks == [1])
            try await eventually { try await broker.publisher.depth(of: .pass1) == (1, 0) }
        }
    }

    @Test("What a cancelled consumer had in hand is delivered again, and says so")
    func redelivery() async throws {
        try await BrokerFixture.run { broker in
            _ = await broker.publisher.publish([BrokerFixture.message(1)])
            let first = Seen()
            let (gate, opener) = AsyncStream<Void>.makeStream()
            let lame = broker.consumer()
            let running = Task {
                await lame.run { delivery in
                    await first.add(delivery)
                    for await _ in gate { break }
                    return .tryAgain  // told to stop before anything was decided
                }
            }
            try await first.wait(for: 1)
            running.cancel()
            opener.finish()
            await running.value
            let second = Seen()
            let consumer = broker.consumer()
            async let again: Void = consumer.run { delivery in
                await second.add(delivery)
                return .done
            }
            try await second.wait(for: 1)
            await consumer.drain()
            await again
            #expect(await first.deliveries[0].redelivered == false)
            #expect(await second.deliveries[0].redelivered == true)
        }
    }

    @Test("Poison goes to the dead letters and does not stop what comes after it")
    func poison() async throws {
        try await BrokerFixture.run { broker in
            let seen = Seen()
            let consumer = broker.consumer()
            async let running: Void = consumer.run { delivery in
                await seen.add(delivery)
                return .done
            }
            _ = await broker.publisher.publish([
                BrokerFixture.poison("{"), BrokerFixture.message(7), BrokerFixture.poison(#"{"v":3,"task_id":1,"job_id":"j"}"#),
                BrokerFixture.message(8),
            ])
            try await seen.wait(for: 2)
            await consumer.drain()
            await running
            #expect(await seen.tasks == [7, 8])
            try await eventually { try await broker.publisher.deadLetters(of: .pass1) == 2 }
        }
    }

    @Test("A rejected task is a dead letter once; one that could not be decided is handled again without going back")
    func dispositions() async throws {
        try await BrokerFixture.run { broker in
            let seen = Seen()
            let consumer = broker.consumer()
            async let running: Void = consumer.run { delivery in
                let count = await seen.add(delivery)
                if delivery.message.taskID == 1 { return .reject(reason: "unknown task") }
                return count < 4 ? .tryAgain : .done
            }
            _ = await broker.publisher.publish([BrokerFixture.message(1), BrokerFixture.message(2)])
            try await seen.wait(for: 4)
            await consumer.drain()
            await running
            #expect(await seen.tasks == [1, 2, 2, 2])
            #expect(await seen.deliveries.allSatisfy { !$0.redelivered })
            try await eventually { try await broker.publisher.deadLetters(of: .pass1) == 1 }
        }
    }

    @Test("A queue deleted under the consumer is declared again, and work goes on")
    func queueDeleted() async throws {
        try await BrokerFixture.run { broker in
            let seen = Seen()
            let consumer = broker.consumer()
            async let running: Void = consumer.run { delivery in
                await seen.add(delivery)
                return .done
            }
            try await eventually { try await broker.publisher.depth(of: .pass1).consumers == 1 }
            try await broker.admin { try await $0.deleteQueue(broker.topology.queue(.pass1)) }
            #expect(await broker.publisher.publish([BrokerFixture.message(5)]) == [.confirmed])
            try await seen.wait(for: 1)
            await consumer.drain()
            await running
            #expect(await seen.tasks == [5])
        }
    }

    @Test("A consumer that the broker has forgotten subscribes anew and gets what it was sent")
    func forgotten() async throws {
        try await BrokerFixture.run { broker in
            let seen = Seen()
            let consumer = broker.consumer(idleLimit: .seconds(1))
            async let running: Void = consumer.run { delivery in
                await seen.add(delivery)
                return .done
            }
            try await eventually { try await broker.publisher.depth(of: .pass1).consumers == 1 }
            // Deleted and declared again without a pause: RabbitMQ 3.10 tells the consumer nothing.
            try await broker.admin {
                try await $0.deleteQueue(broker.topology.queue(.pass1))
                _ = try await $0.declare(broker.topology)
            }
            #expect(await broker.publisher.publish([BrokerFixture.message(7)]) == [.confirmed])
            try await eventually { await seen.tasks == [7] }
            await consumer.drain()
            await running
        }
    }
}
