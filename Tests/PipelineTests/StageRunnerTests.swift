import Domain
import Foundation
import Generation
import ObjectStore
import Synchronization
import Tabular
import Testing

@testable import Pipeline

/// Plays the ledger: feeds results of finished stages to the next, in the given order of tasks.
private struct LoopbackJob {
    let store = MemoryStore()
    var spec: JobSpec

    init(input: [UInt8], name: String, format: OutputFormat = .parquet, near: NearTier? = nil) throws {
        spec = JobSpec(
            jobID: "job-1", tenantID: "acme", datasetName: "people", inputKey: "uploads/1", inputName: name,
            recipe: near.map { "deduplicate: {near: \($0.rawValue)}" },
            salt: "", outputFormat: format, keyPrefix: "jobs/job-1/")
        try store.put(spec.inputKey, input)
    }

    /// Another process for each task, as it may be: nothing is kept in memory from one to the next.
    var runner: StageRunner { StageRunner(store: store, hmacMasterKey: Array("secret".utf8), memoryBytes: 512 << 20, threads: 2) }

    func run(
        order: (Range<Int>) -> [Int] = { Array($0) }, epochs: (Stage, Int) -> Int = { _, _ in 1 }
    ) throws -> ReportResult {
        try ReportResult(json: results(order: order, epochs: epochs)[.report]![0])
    }

    /// Of every task of every stage.
    func results(
        order: (Range<Int>) -> [Int] = { Array($0) }, epochs: (Stage, Int) -> Int = { _, _ in 1 }
    ) throws -> [Stage: [[UInt8]]] {
        let runner = runner
        var results: [Stage: [[UInt8]]] = [:]
        func task(_ stage: Stage, _ index: Int) -> StageTask {
            StageTask(job: spec, stage: stage, index: index, epoch: epochs(stage, index), results: results)
        }
        let plan = try runner.run(task(.plan, 0)) { false }
        results[.plan] = [plan.result]
        for (stage, own) in plan.inlined { results[stage] = own }
        for stage in [Stage.scan, .match, .resolve, .clean, .report] where results[stage] == nil {
            var found = [[UInt8]](repeating: [], count: plan.planned[stage] ?? 0)
            for index in order(found.indices) {
                // An attempt that was lost before its result was stored leaves objects behind and runs again.
                if epochs(stage, index) > 1 {
                    var lost = task(stage, index)
                    lost.epoch = 1
                    _ = try runner.run(lost) { false }
                }
                found[index] = try runner.run(task(stage, index)) { false }.result
            }
            results[stage] = found
        }
        return results
    }

    func report(_ result: ReportResult) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(try store.get(result.reportKey)))
    }
}

@Suite("A served job")
struct StageRunnerTests {
    private func embedded(_ input: [UInt8], name: String, near: NearTier? = nil) throws -> (
        folder: TemporaryFolder, report: Report
    ) {
        let folder = try TemporaryFolder()
        let path = try folder.write(name, input)
        let report = try EmbeddedRun(
            EmbeddedRun.Options(
                inputs: [path], output: folder.file("out.parquet"), format: .parquet, threads: 2,
                provenancePath: folder.file("provenance.parquet"), matchesPath: folder.file("matches.csv"),
                rejectsPath: folder.file("rejects.csv"), near: near)
        ).run()
        return (folder, report)
    }

    @Test(
        "gives the bytes of an embedded run, in any order of tasks and with lost attempts",
        arguments: [(1_000, nil), (70_000, NearTier.fast)] as [(Int, NearTier?)])
    func identity(rows: Int, near: NearTier?) throws {
        let input = Generator.csv(.customers, rows: rows, seed: 3)
        let (folder, report) = try embedded(input, name: "customers.csv", near: near)
        let orders: [(Range<Int>) -> [Int]] = [
            { Array($0) }, { $0.reversed() }, { $0.sorted { Hash.mix(UInt64($0)) < Hash.mix(UInt64($1)) } },
        ]
        for (number, order) in orders.enumerated() {
            let job = try LoopbackJob(input: input, name: "customers.csv", near: near)
            let result = try job.run(order: order) { _, index in number == 1 && index % 3 == 0 ? 2 : 1 }
            var served = try job.report(result)
            #expect(served.jobID == "job-1")
            served.jobID = report.jobID
            #expect(served == report)
            #expect(result.digest == report.output.digest)
            #expect(try Data(job.store.get(result.outputKey)) == folder.read("out.parquet"))
            #expect(try Data(job.store.get(result.provenanceKey)) == folder.read("provenance.parquet"))
            #expect(try Data(job.store.get(result.matchesKey)) == folder.read("matches.csv"))
            #expect(try Data(job.store.get(result.rejectsKey)) == folder.read("rejects.csv"))
        }
    }

    @Test("says what it only suggests, in an embedded run and in a served one")
    func suggestions() throws {
        let names = ["Catherine", "Johannes", "Margaret", "Benjamin"]
        let lines = (0..<200).map { "\($0 + 1),\($0 == 77 ? "Johanens" : names[$0 % 4])" }
        let input = Array((["id,first_name"] + lines).joined(separator: "\n").utf8)
        let (folder, report) = try embedded(input, name: "people.csv")
        let job = try LoopbackJob(input: input, name: "people.csv")
        let provenance = try Data(job.store.get(try job.run().provenanceKey))
        #expect(provenance == (try folder.read("provenance.parquet")))
        #expect(report.columns.first { $0.name == "first_name" }?.changedCells == 0)
        // Not the file without rows that a table without a suggestion has.
        let (plain, _) = try embedded(
            Array(String(decoding: input, as: UTF8.self).replacing("Johanens", with: "Johannes").utf8), name: "people.csv")
        #expect(try provenance.count > plain.read("provenance.parquet").count)
    }

    @Test("a small input needs three tasks")
    func inlined() throws {
        let job = try LoopbackJob(input: Array("id,name\n1,a\n2,b\n".utf8), name: "x.csv")
        let runner = StageRunner(store: job.store, hmacMasterKey: [1], memoryBytes: 512 << 20, threads: 1)
        let plan = try runner.run(StageTask(job: job.spec, stage: .plan, index: 0, epoch: 1, results: [:])) { false }
        #expect(Set(plan.inlined.keys) == [.scan, .match, .resolve])
        #expect(plan.planned[.clean] == 1)
    }

    @Test("stops when the job was cancelled")
    func cancelled() throws {
        let job = try LoopbackJob(input: Array("id,name\n1,a\n2,b\n".utf8), name: "x.csv")
        let runner = StageRunner(store: job.store, hmacMasterKey: [1], memoryBytes: 512 << 20, threads: 1)
        let error = #expect(throws: SanitizerError.self) {
            try runner.run(StageTask(job: job.spec, stage: .plan, index: 0, epoch: 1, results: [:])) { true }
        }
        #expect(error?.code == .cancelled)
    }

    @Test("an attempt that was given up takes back what it wrote, and nothing else", arguments: [false, true])
    func givenUp(isStaged: Bool) throws {
        let text = "id,name\n1,a\n2,b\n"
        let wide: [UInt8] = [0xFF, 0xFE] + text.utf8.flatMap { [$0, 0] as [UInt8] }
        let job = try LoopbackJob(input: isStaged ? wide : Array(text.utf8), name: "x.csv")
        let runner = StageRunner(store: job.store, hmacMasterKey: [1], memoryBytes: 512 << 20, threads: 1)
        func plan(_ epoch: Int) -> StageTask { StageTask(job: job.spec, stage: .plan, index: 0, epoch: epoch, results: [:]) }
        let planned = try runner.run(plan(12)) { false }
        let before = try job.store.list("").map(\.key)
        let written = Mutex(0)
        let error = #expect(throws: SanitizerError.self) {
            try runner.run(plan(1)) {
                // Given up once everything is written.
                let own = (try? job.store.list("jobs/job-1/plan/0/1-").count) ?? 0
                written.withLock { $0 = max($0, own) }
                return own >= 3
            }
        }
        #expect(error?.code == .cancelled)
        #expect(written.withLock { $0 } >= 3)
        #expect(try job.store.list("").map(\.key) == before)
        #expect(before.contains("jobs/job-1/staged/12") == isStaged)

        // Epochs count by task: one of the same number leaves the staged input alone.
        var results = planned.inlined
        results[.plan] = [planned.result]
        let clean = StageTask(job: job.spec, stage: .clean, index: 0, epoch: 12, results: results)
        #expect(throws: SanitizerError.self) {
            try runner.run(clean) {
                let own = (try? job.store.list("jobs/job-1/clean/0/12-").count) ?? 0
                written.withLock { $0 = own }
                return own > 0
            }
        }
        #expect(written.withLock { $0 } > 0)
        #expect(try job.store.list("").map(\.key) == before)
    }

    @Test(
        "a flipped bit in any object on the way is noticed by whoever reads it", arguments: Wide.allCases)
    func flippedBit(input: Wide) throws {
        let job = try LoopbackJob(input: input.bytes, name: "people.csv")
        let results = try job.results()
        let stages: [Stage] = [.plan, .scan, .match, .resolve, .clean, .report]
        var kinds: Set<String> = []
        for object in try job.store.list("").map(\.key) {
            // jobs/job-1/scan/0/1-keys-d1ge57, or the input, which is there from the beginning.
            let parts = object.split(separator: "/").map(String.init)
            let stage = parts.count > 2 ? Stage(rawValue: parts[2]) ?? .plan : .plan
            let kind = "\(stage) \(parts.last!.split(separator: "-").dropFirst().first ?? "input")"
            // What the last stage leaves is for readers outside; of a staged input only the staged bytes are read again.
            guard stage != .report, !(input == .utf16 && object == job.spec.inputKey), kinds.insert(kind).inserted else {
                continue
            }
            let good = try job.store.get(object)
            var bad = good
            bad[bad.count / 2] ^= 4
            try job.store.put(object, bad)
            let error = #expect(throws: SanitizerError.self, "a flipped bit in \(object)") {
                for later in stages[stages.firstIndex(of: stage)!...].dropFirst() {
                    // Results that were made inside the plan's task were read from no object.
                    for index in (results[later] ?? []).indices where input == .chunks || [.clean, .report].contains(later) {
                        _ = try job.runner.run(StageTask(job: job.spec, stage: later, index: index, epoch: 2, results: results)) {
                            false
                        }
                    }
                }
            }
            #expect(error?.code == .corruptIntermediate, "\(object): \(String(describing: error))")
            try job.store.put(object, good)
        }
        #expect(kinds.count >= (input == .chunks ? 9 : 7), "\(kinds.sorted())")
    }

    /// Inputs that take each way through the stages.
    enum Wide: CaseIterable {
        case small, utf16, chunks

        var bytes: [UInt8] {
            let small = Generator.csv(.customers, rows: 300, seed: 5)
            switch self {
            case .small: return small
            case .utf16:
                return [0xFF, 0xFE] + String(decoding: small, as: UTF8.self).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
            case .chunks:
                // Few rows and many bytes: more than one chunk at little work.
                let note = String(repeating: "lorem ipsum ", count: 8_000)
                return Array(("id,name,note\n" + (0..<100).map { "\($0 / 2),n\($0 / 2),\(note)\($0 / 2)\n" }.joined()).utf8)
            }
        }
    }

    @Test("an input that is not what was uploaded is called that, whatever its reader makes of it")
    func flippedUpload() throws {
        for at in [0, 4, 40] {
            var bytes = Array("PAR1 no table at all, but the digest of what was uploaded tells PAR1".utf8)
            var job = try LoopbackJob(input: bytes, name: "x.parquet")
            job.spec.inputSHA256 = SHA256.hex(bytes)
            bytes[at] ^= 1
            try job.store.put(job.spec.inputKey, bytes)
            let error = #expect(throws: SanitizerError.self) { try job.run() }
            #expect(error?.code == .digestMismatch)
        }
    }

    @Test("a broken intermediate result is an error of the job, never a crash")
    func corrupt() throws {
        let job = try LoopbackJob(input: Array("id,name\n1,a\n2,b\n".utf8), name: "x.csv")
        let runner = StageRunner(store: job.store, hmacMasterKey: [1], memoryBytes: 512 << 20, threads: 1)
        let results: [Stage: [[UInt8]]] = [.plan: [Array("{}".utf8)]]
        let error = #expect(throws: SanitizerError.self) {
            try runner.run(StageTask(job: job.spec, stage: .scan, index: 0, epoch: 1, results: results)) { false }
        }
        #expect(error?.code == .corruptIntermediate)
    }
}
