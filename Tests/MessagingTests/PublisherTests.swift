import Domain
@testable import Messaging
import TestSupport
import Testing

@Suite("Publishing", .timeLimit(.minutes(5)))
struct PublisherTests {
    @Test("More messages than a window are all confirmed, and are in the queue")
    func window() async throws {
        try await BrokerFixture.run { broker in
            let outcomes = await broker.publisher.publish((1...1000).map { BrokerFixture.message($0) })
            #expect(outcomes == Array(repeating: .confirmed, count: 1000))
            try await eventually { try await broker.publisher.depth(of: .pass1).messages == 1000 }
        }
    }

    @Test("Callers at the same time each get their own outcomes")
    func concurrent() async throws {
        try await BrokerFixture.run { broker in
            await withTaskGroup(of: Bool.self) { group in
                for caller in 0..<8 {
                    group.addTask {
                        var messages = (0..<50).map { BrokerFixture.message(Int64(caller * 50 + $0)) }
                        messages[caller].routingKey = "nowhere"
                        let outcomes = await broker.publisher.publish(messages)
                        return outcomes.enumerated().allSatisfy {
                            $0.element == ($0.offset == caller ? .returned(code: 312) : .confirmed)
                        }
                    }
                }
                for await right in group { #expect(right) }
            }
        }
    }

    @Test("A task that no queue takes is returned, an event that nobody hears is confirmed")
    func unroutable() async throws {
        try await BrokerFixture.run { broker in
            var lost = BrokerFixture.message(1)
            lost.routingKey = "nowhere"
            var event = BrokerFixture.message(2)
            event.exchange = "sanitizer.events"
            event.mandatory = false
            #expect(await broker.publisher.publish([lost, event]) == [.returned(code: 312), .confirmed])
        }
    }

    @Test("A deleted queue is declared again by the next publish")
    func healsTopology() async throws {
        try await BrokerFixture.run { broker in
            try await broker.admin { try await $0.deleteQueue(broker.topology.queue(.pass1)) }
            #expect(await broker.publisher.publish([BrokerFixture.message(1)]) == [.confirmed])
            try await eventually { try await broker.publisher.depth(of: .pass1).messages == 1 }
        }
    }

    @Test("A deleted exchange closes the channel; the publish after that finds everything in place")
    func healsExchange() async throws {
        try await BrokerFixture.run { broker in
            try await broker.admin { try await $0.deleteExchange(broker.topology.tasks) }
            #expect(await broker.publisher.publish([BrokerFixture.message(1)]) == [.unknown])
            #expect(await broker.publisher.publish([BrokerFixture.message(1)]) == [.confirmed])
        }
    }

    @Test("A full queue refuses: nothing is confirmed that was not stored")
    func fullQueue() async throws {
        try await BrokerFixture.run(adjust: { $0.maximumLength = 3 }) { broker in
            var stored = 0
            var refused = 0
            // Quorum queues refuse a little late: the limit is soft by a few messages.
            for id in 1...50 where refused == 0 {
                switch await broker.publisher.publish([BrokerFixture.message(Int64(id))])[0] {
                case .confirmed: stored += 1
                case .refused: refused += 1
                case let other: Issue.record("unexpected \(other)")
                }
            }
            #expect(refused == 1 && stored >= 3)
            try await eventually { try await broker.publisher.depth(of: .pass1).messages == stored }
        }
    }

    @Test("With no broker every message is not sent, at once and without an error")
    func noBroker() async {
        var endpoint = BrokerEndpoint()
        endpoint.port = 1
        let publisher = Publisher(endpoint, logger: BrokerFixture.quiet)
        #expect(await publisher.publish([BrokerFixture.message(1), BrokerFixture.message(2)]) == [.notSent, .notSent])
        #expect(await publisher.isReady == false)
        await publisher.close()
    }

    @Test("A wrong password is refused, and is in no message")
    func wrongPassword() async throws {
        var endpoint = try TestTopology.endpoint()
        endpoint.password = "hunter2"
        let connection = BrokerConnection(endpoint)
        let error = await #expect(throws: MessagingError.self) { try await connection.open() }
        #expect(error?.code == .accessRefused)
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
    }

    @Test("A queue with other arguments is used as it is")
    func otherArguments() async throws {
        try await BrokerFixture.run { broker in
            try await broker.admin { connection in
                try await connection.deleteQueue(broker.topology.queue(.pass1))
                _ = try await connection.declareQueue(broker.topology.queue(.pass1), [], isClassic: true)
                #expect(try await connection.declare(broker.topology) == [broker.topology.queue(.pass1)])
            }
            #expect(await broker.publisher.publish([BrokerFixture.message(1)]) == [.confirmed])
        }
    }
}
