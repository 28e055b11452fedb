import ArgumentParser
import Domain
import Foundation
import Ledger
import Messaging
import ObjectStore
import Tabular

extension AdminCommand {
    /// What was set aside: tasks whose attempts are used up or that are not worth another, and messages that nobody can read.
    ///
    /// A task is named by its number, a foreign message by its queue and the beginning of its digest.
    struct DeadLettersCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dead-letters", abstract: "List, requeue and discard what was set aside.",
            subcommands: [List.self, Requeue.self, Discard.self])

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "One line each: name, queue, job, tenant, reason, message; tab-separated.")
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    let tasks = try await database.with { try await $0.quarantinedTasks() }
                    for task in tasks {
                        print(
                            "\(task.taskID)\t\(task.queue.rawValue)\t\(task.jobID)\t\(task.tenantID)\t\(task.code)\t"
                                + "\(task.stage.rawValue) \(task.index), attempt \(task.attempts): \(task.message)")
                    }
                    try await DeadLettersCommand.visitForeign { letter, name in
                        print("\(name)\t\(letter.queue.rawValue)\t-\t-\tunreadable\t\(letter.reason), \(letter.body.count) bytes")
                        return .keep
                    }
                }
            }
        }

        struct Requeue: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Try again: a task's job as a new job with the same input and recipe (its id goes to standard output).",
                discussion: "A job that failed stays failed. A foreign message goes back to its queue as it is.")
            @Argument(help: "Name from the list.")
            var name: String
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    guard let id = Int64(name) else {
                        return try await DeadLettersCommand.settleForeign(name, .sendBack, "requeued")
                    }
                    let store = try StoreLocation(OperatorSetting.required("SANITIZER_STORE_URL")).open()
                    let job = try await database.with { try await DeadLettersCommand.resubmit(id, $0, store) }
                    try await DeadLettersCommand.removeLetters(of: id)
                    print(job)
                }
            }
        }

        struct Discard: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "Take it off the list; the job stays failed.")
            @Argument(help: "Name from the list.")
            var name: String
            @OptionGroup var database: DatabaseOptions

            func run() async throws {
                try await ClientRun.run {
                    guard let id = Int64(name) else {
                        return try await DeadLettersCommand.settleForeign(name, .discard, "discarded")
                    }
                    let settled = try await database.with {
                        try await $0.settle(task: id, actor: AdminCommand.actor, action: "dead_letter.discarded")
                    }
                    guard settled else { throw DeadLettersCommand.unknown(name) }
                    try await DeadLettersCommand.removeLetters(of: id)
                    print("\(name) discarded")
                }
            }
        }

        // MARK: tasks

        /// A new job with the spec of the failed one and a copy of its input: the old one may be erased any time.
        private static func resubmit(_ id: Int64, _ ledger: JobLedger, _ store: any ObjectStore) async throws -> String {
            guard let task = try await ledger.quarantinedTasks(id: id).first,
                let old = try await ledger.job(task.jobID, tenantID: nil)
            else { throw unknown("\(id)") }
            let jobID = Identifier.make()
            var spec = old.spec
            spec.jobID = jobID
            spec.keyPrefix = "tenants/\(task.tenantID)/jobs/\(jobID)/"
            spec.inputKey = spec.keyPrefix + "input"
            try copy(old.spec.inputKey, to: spec.inputKey, store)
            let outcome = try await ledger.createJob(NewJob(spec: spec, inputBytes: old.inputBytes, actor: AdminCommand.actor))
            guard case .created = outcome else {
                try store.delete(spec.inputKey)
                throw SanitizerError(.limitExceeded, "the tenant's limits do not allow another job now: try again later")
            }
            guard try await ledger.settle(task: id, actor: AdminCommand.actor, action: "dead_letter.requeued") else {
                throw SanitizerError(.inputMissing, "somebody else dealt with \(id) at the same moment; job \(jobID) runs too")
            }
            return jobID
        }

        private static func copy(_ from: String, to: String, _ store: any ObjectStore) throws {
            let source = try store.source(from)
            let sink = try store.sink(to)
            do {
                var at: Int64 = 0
                while at < source.size {
                    let block = try source.read(at: at, count: 1 << 20)
                    if block.isEmpty { break }
                    try sink.write(block)
                    at += Int64(block.count)
                }
                try sink.close()
            } catch {
                sink.abort()
                throw error
            }
        }

        // MARK: letters

        private static func box() throws -> DeadLetters {
            let prefix = try OperatorSetting.value("SANITIZER_AMQP_PREFIX") ?? ""
            return DeadLetters(
                try BrokerEndpoint(url: OperatorSetting.required("SANITIZER_AMQP_URL")), topology: Topology(prefix: prefix))
        }

        private static func removeLetters(of task: Int64) async throws {
            try await visitAll { $0.taskID == task ? .discard : .keep }
        }

        private static func visitForeign(
            _ decide: @escaping @Sendable (DeadLetter, _ name: String) async throws -> DeadLetters.Fate
        ) async throws {
            try await visitAll { letter in
                guard letter.taskID == nil else { return .keep }
                return try await decide(letter, "\(letter.queue.rawValue)-\(SHA256.hex(letter.body).prefix(12))")
            }
        }

        private static func settleForeign(_ name: String, _ fate: DeadLetters.Fate, _ done: String) async throws {
            let count = Counter()
            try await visitForeign { _, candidate in
                guard candidate == name else { return .keep }
                await count.add()
                return fate
            }
            guard await count.value > 0 else { throw unknown(name) }
            print("\(name) \(done)")
        }

        private static func visitAll(_ decide: @Sendable (DeadLetter) async throws -> DeadLetters.Fate) async throws {
            let box = try box()
            do {
                for queue in TaskQueue.allCases { try await box.visit(queue, decide) }
            } catch let error as MessagingError {
                throw SanitizerError(.dependencyUnavailable, "\(error.description): check SANITIZER_AMQP_URL")
            }
        }

        private actor Counter {
            var value = 0
            func add() { value += 1 }
        }

        private static func unknown(_ name: String) -> SanitizerError {
            SanitizerError(.inputMissing, "'\(name)' is not on the list: see 'sanitizer admin dead-letters list'")
        }
    }
}
