import Domain
import Foundation
import Testing

@testable import Pipeline

@Suite("Writing workbooks")
struct WorkbookExportTests {
    @Test("a table survives being written as a workbook and read back, and the bytes are always the same")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        let csv = "id,name,day\n1,Ann,2025-11-21\n2,\"=1+1, \"\"x\"\"\",2024-02-29\n3,,1999-12-31\n4,Dan,2000-01-01\n"
        let input = try folder.write("in.csv", csv)
        // Typed columns come from Parquet.
        let parquet = folder.file("typed.parquet")
        var options = EmbeddedRun.Options(inputs: [input], output: parquet, format: .parquet)
        options.near = .off
        _ = try EmbeddedRun(options).run()
        for source in [input, parquet] {
            for name in ["a.xlsx", "b.xlsx"] {
                let outcome = try WorkbookExport(inputs: [source], output: folder.file(name), input: InputOptions(), force: true)
                    .run()
                #expect(outcome.rows == 4)
            }
            #expect(try folder.read("a.xlsx") == folder.read("b.xlsx"))
            _ = try ConvertRun(inputs: [folder.file("a.xlsx")], output: folder.file("back.csv"), format: .csv, force: true).run()
            let lines = try folder.text("back.csv").split(separator: "\n")
            #expect(lines.count == 5)
            #expect(lines[0] == "id,name,day")
            #expect(lines[1] == "1,Ann,2025-11-21")
            #expect(lines[2].hasPrefix("2,\"=1+1, \"\"x\"\"\",2024-02-29"))
        }
    }

    @Test("a cleaned table goes into a workbook as well, with a report that says so, and the bytes do not depend on the threads")
    func cleaned() throws {
        let folder = try TemporaryFolder()
        let rows = (1...300).map { "\($0),Name \($0), \($0 % 7).25 ,2024-02-\(10 + $0 % 10)" }
        let input = try folder.write("in.csv", (["id,name,price,day"] + rows + [rows[4]]).joined(separator: "\n") + "\n")
        for threads in [1, 2] {
            let name = "clean\(threads).xlsx"
            let report = try EmbeddedRun(
                EmbeddedRun.Options(
                    inputs: [input], output: folder.file(name), format: .parquet, isWorkbook: true, threads: threads,
                    reportPath: folder.file("report\(threads).json"))
            ).run()
            #expect(report.output.container == "xlsx")
            let checks = try Verification.run(output: folder.file(name), report: folder.file("report\(threads).json"))
            let failed = checks.filter { !$0.passed }.map(\.name)
            #expect(failed.isEmpty)
        }
        #expect(try folder.read("clean1.xlsx") == folder.read("clean2.xlsx"))
        _ = try EmbeddedRun(EmbeddedRun.Options(inputs: [input], output: folder.file("clean.csv"), format: .csv)).run()
        _ = try ConvertRun(inputs: [folder.file("clean1.xlsx")], output: folder.file("back.csv"), format: .csv).run()
        #expect(try folder.text("back.csv") == folder.text("clean.csv"))
    }
}
