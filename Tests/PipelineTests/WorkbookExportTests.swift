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
}
