import Domain
import Generation
import Matching
import ObjectStore
import Testing

@testable import Pipeline

@Suite("The estimate before a run")
struct PreflightTests {
    private static let mebibyte = 1 << 20

    /// As if the table of the file had `times` as many rows and chunks.
    private func estimate(_ path: String, near: NearTier, times: Int, memoryMiB: Int = 512) throws -> Preflight {
        var recipe = Recipe()
        recipe.deduplicate.near = near
        let scratch = Scratch(budget: 1 << 20)
        let sources = try InputFiles.find([path], options: InputOptions(), policy: .environment, scratch: scratch)
        var (plan, _) = try EmbeddedRun.plan(sources, overrides: recipe, salt: "", threads: 2, scratch: scratch)
        plan.plannedRows *= times
        plan.match.plannedRows *= times
        plan.chunks = Array(repeating: plan.chunks, count: times).flatMap(\.self)
        return Preflight.estimate(plan, threads: 2, memoryBytes: memoryMiB * Self.mebibyte)
    }

    @Test(
        "ten million customers fit below the default ceiling in every tier",
        arguments: [.off, .fast, .balanced, .thorough] as [NearTier])
    func customers(near: NearTier) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("in.csv", Generator.csv(.customers, rows: 50_000, seed: 7))
        let estimate = try estimate(path, near: near, times: 200)
        #expect(estimate.rows > 9_500_000 && estimate.rows < 10_500_000)
        #expect(estimate.threads == 2)
        #expect(estimate.memoryBytes <= 512 * Self.mebibyte)
        try estimate.refuseIfOver(512 * Self.mebibyte)
    }

    @Test("long texts count, whatever the file's size: they are held while rows are compared", arguments: [false, true])
    func longTexts(isJSON: Bool) throws {
        let folder = try TemporaryFolder()
        func text(_ i: Int) -> String { (0..<110).map { "w\((i * 7919 + $0 * 104_729) % 100_003)" }.joined(separator: " ") }
        let lines = (0..<2_000).map { isJSON ? "{\"id\": \"K\($0)\", \"text\": \"\(text($0))\"}" : "K\($0),\(text($0))" }
        let path = try folder.write(
            isJSON ? "in.jsonl" : "in.csv", (isJSON ? "" : "id,text\n") + lines.joined(separator: "\n") + "\n")
        let estimate = try estimate(path, near: .balanced, times: 200)
        #expect(estimate.memoryBytes > 600 * Self.mebibyte)
        let error = #expect(throws: SanitizerError.self) { try estimate.refuseIfOver(512 * Self.mebibyte) }
        #expect(error?.code == .preflightRefused)
        #expect(error.map { "\($0)".contains("raise --memory") } == true)
        #expect(try self.estimate(path, near: .off, times: 200).memoryBytes <= 512 * Self.mebibyte)
    }
}
