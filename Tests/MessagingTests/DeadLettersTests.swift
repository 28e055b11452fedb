import Domain
import Foundation
import TestSupport
import Testing

@testable import Messaging

@Suite("Dead letters", .serialized, .timeLimit(.minutes(2)))
struct DeadLettersTests {
    @Test("each letter is shown once with its task or its reason; it stays, goes, or returns to its queue")
    func visits() async throws {
        try await BrokerFixture.run { fixture in
            let dead = { (body: [UInt8]) in
                OutboxMessage(id: 1, exchange: "sanitizer.dead", routingKey: "pass1", body: body, mandatory: true)
            }
            let task = Array(#"{"v":1,"task_id":7,"job_id":"j","reason":"attempts_exhausted"}"#.utf8)
            let outcomes = await fixture.publisher.publish([dead(task), dead(Array("garbage".utf8)), dead(Array("rubbish".utf8))])
            #expect(outcomes == [.confirmed, .confirmed, .confirmed])

            let box = DeadLetters(fixture.endpoint, topology: fixture.topology)
            let seen = Seen()
            try await box.visit(.pass1) { letter in
                await seen.add(letter)
                return .keep
            }
            let letters = await seen.letters
            #expect(Set(letters.map(\.taskID)) == [7, nil])
            #expect(letters.first { $0.taskID == 7 }?.reason == "attempts_exhausted")
            #expect(letters.count { $0.reason == "not a versioned JSON object" } == 2)

            try await box.visit(.pass1) { letter in
                if letter.taskID != nil { return .discard }
                return letter.body == Array("garbage".utf8) ? .sendBack : .keep
            }
            try await eventually { try await fixture.publisher.deadLetters(of: .pass1) == 1 }
            try await eventually { try await fixture.publisher.depth(of: .pass1).messages == 1 }
            try await box.visit(.pass2) { _ in
                Issue.record("this queue is empty")
                return .keep
            }
        }
    }

    private actor Seen {
        var letters: [DeadLetter] = []
        func add(_ letter: DeadLetter) { letters.append(letter) }
    }
}
