import Domain
import Foundation
import Generation
import ObjectStore
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

    func run(order: (Range<Int>) -> [Int], epochs: (Stage, Int) -> Int = { _, _ in 1 }) throws -> ReportResult {
        let runner = StageRunner(store: store, hmacMasterKey: Array("secret".utf8), memoryBytes: 512 << 20, threads: 2)
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
        return try ReportResult(json: results[.report]![0])
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
