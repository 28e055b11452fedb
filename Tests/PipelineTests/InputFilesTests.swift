import Domain
import Foundation
import Testing

@testable import Pipeline

@Suite("What a user names as inputs")
struct InputFilesTests {
    private func names(_ arguments: [String], _ options: InputOptions = InputOptions()) throws -> [String] {
        try InputFiles.find(arguments, options: options, scratch: Scratch(budget: 1 << 20)).map(\.name)
    }

    @Test("a folder stands for its tables, by name; other files and hidden ones are left out")
    func folder() throws {
        let folder = try TemporaryFolder()
        for name in ["b.csv", "a.csv.gz", "c.jsonl", "d.xlsx", "notes.md", ".hidden.csv", "B.parquet"] {
            _ = try folder.write(name, "x")
        }
        #expect(try names([folder.path]) == ["B.parquet", "a.csv.gz", "b.csv", "c.jsonl", "d.xlsx"])
    }

    @Test("a pattern stands for what it matches; a file whose name looks like a pattern is that file")
    func pattern() throws {
        let folder = try TemporaryFolder()
        for name in ["p10.csv", "p2.csv", "q.csv", "odd[1].csv", "odd1.csv"] { _ = try folder.write(name, "x") }
        #expect(try names([folder.file("p*.csv")]) == ["p10.csv", "p2.csv"])
        #expect(try names([folder.file("odd[1].csv")]) == ["odd[1].csv"])
        let error = #expect(throws: SanitizerError.self) { try names([folder.file("z*.csv")]) }
        #expect(error?.code == .inputMissing)
    }

    @Test("file addresses are paths; unknown schemes and hosts that nobody allowed are refused")
    func addresses() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a b.csv", "x")
        #expect(try names(["file://" + path.replacingOccurrences(of: " ", with: "%20")]) == ["a b.csv"])
        for address in ["ftp://example.org/a.csv", "file://relative", "http://example.invalid/a.csv"] {
            #expect(throws: SanitizerError.self) { try names([address]) }
        }
    }

    @Test("files with the same columns in another order are one table")
    func oneSchema() throws {
        let folder = try TemporaryFolder()
        _ = try folder.write("1.csv", "id,name,city\n1,Ann,Rome\n2,Bob,Oslo\n3,Cid,Bonn\n")
        _ = try folder.write("2.csv", "name;id\nDan;4\nEve;5\nFay;6\n")
        let output = try TemporaryFolder()
        let outcome = try ConvertRun(inputs: [folder.path], output: output.file("out.csv"), format: .csv).run()
        #expect(outcome.rows == 6)
        #expect(try output.text("out.csv") == "id,name,city\n1,Ann,Rome\n2,Bob,Oslo\n3,Cid,Bonn\n4,Dan,\n5,Eve,\n6,Fay,\n")
    }

    @Test("the header line can be written as it stands, or not at all")
    func originalNames() throws {
        let folder = try TemporaryFolder()
        func convert(_ text: String) throws -> String {
            _ = try ConvertRun(
                inputs: [try folder.write("in.csv", text)], output: folder.file("out.csv"), format: .csv, names: .original,
                force: true
            ).run()
            return try folder.text("out.csv")
        }
        #expect(try convert("id,name,,name\n1,a,b,c\n2,d,e,f\n3,g,h,i\n").hasPrefix("id,name,"))
        #expect(try convert("id,name,,name\n1,a,b,c\n2,d,e,f\n3,g,h,i\n").contains(",name\n1,"))
        #expect(try convert("1,2.5\n2,3.5\n3,4.5\n4,5.5\n").hasPrefix("1,2.5\n"))
    }

    @Test("repairs are listed with line, offset, reason and the original text")
    func repairs() throws {
        let folder = try TemporaryFolder()
        let input = try folder.write(
            "in.csv",
            "report of today\nid,day,amount\n1,2024-01-02,3.50\n2,,2024-01-03,4.50\n3,2024-01-04,4.75\n4,2024-01-05,5.50\n")
        _ = try ConvertRun(
            inputs: [input], output: folder.file("out.csv"), format: .csv, repairsPath: folder.file("repairs.csv")
        ).run()
        let text = try folder.text("repairs.csv")
        #expect(text.contains("1,0,preamble: line above the table,report of today\n"))
        #expect(text.contains("4,48,ragged: empty extra cell dropped,\"2,,2024-01-03,4.50\"\n"))
    }
}
