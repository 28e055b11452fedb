import Domain
import Formats
import Tabular
import Testing

struct CSVChunkTests {
    private static let targets = [1, 3, 50, 128, 333, 1000]

    /// A table with every kind of damage in it, from a seed.
    private static func nasty(_ seed: Int) -> [UInt8] {
        var random = TestRandom(UInt64(seed))
        var out = Array("id,name,when,amount\n".utf8)
        let damage = random.next(12)
        let ends = [["\n"], ["\r\n"], ["\n", "\r\n"], ["\r", "\n", "\r\n"]][random.next(4)]
        for i in 0..<(20 + random.next(60)) {
            var cells = ["\(i)", random.pick(["Ann", "Bob Smith", "Zoë", ""]), "2024-01-\(10 + i % 20)", "\(i).50"].map {
                Array($0.utf8)
            }
            if random.next(4) == 0 {
                cells[1] = Array(random.pick(["\"x, y\"", "\"a \"\"b\"\" c\"", "\"two\nlines\"", "\"\""]).utf8)
            }
            if random.next(24) < damage {
                let at = random.next(4)
                switch random.next(10) {
                case 0: cells[at].insert(0x22, at: 0)
                case 1: cells[at].append(0x22)
                case 2: cells.remove(at: at)
                case 3: cells.insert([], at: at)
                case 4: cells[at].append(0)
                case 5: cells[at].append(0xE9)
                case 6: cells[at] = Array("5\" pipe".utf8)
                case 7: cells[at] = Array("\"a\nb\nc\n1,2,3\n4".utf8)
                case 8: cells = [Array("note".utf8)]
                default: cells = []
                }
            }
            out += Array(cells.joined(separator: [0x2C]))
            if random.next(50) < damage { out += Array("\"".utf8) }
            out += Array(random.pick(ends).utf8)
        }
        if random.next(3) == 0 { out += Array("\nSource: x\n\"y".utf8) }
        return out
    }

    @Test("every chunk size gives what one read of the whole gives", arguments: 0..<60)
    func chunksAgree(seed: Int) throws {
        let text = Self.nasty(seed)
        let whole = try CSVTestTable(text)
        #expect(whole.chunks.count == 1)
        let source = MemorySource(text)
        for target in Self.targets {
            let cut = try CSVTestTable(source, whole.detection, target: target)
            #expect(cut.rows == whole.rows, "seed \(seed), target \(target)")
            #expect(cut.ordinals == whole.ordinals, "seed \(seed), target \(target)")
            #expect(cut.problemKeys == whole.problemKeys, "seed \(seed), target \(target)")
            #expect(cut.records == whole.records)
        }
    }

    @Test(
        "of rows kept as read an empty line is none and an empty cell in quotes is one, also near zero bytes",
        arguments: ["", "\0"])
    func emptyRows(zero: String) throws {
        let text = (0..<30).map { i in
            ["\(i);Ann", "\"\"", "\(i)", "", "\(i);x;y;\(zero)z", "\"\(i)\";Bob"][i % 6] + "\n"
        }.joined()
        let whole = try CSVTestTable(text)
        #expect(whole.rows.count == 25)
        #expect(whole.rows.count { $0 == ["", "", "", ""] } == 5)
        for target in Self.targets {
            let cut = try CSVTestTable(MemorySource(Array(text.utf8)), whole.detection, target: target)
            #expect(cut.rows == whole.rows, "target \(target)")
        }
    }

    @Test("a repeated header line is reported where it stands, whatever ends the lines", arguments: ["\r", "\n", "\r\n"])
    func repeatedHeaders(lineEnd: String) throws {
        let part = (0..<12).map { "\($0),Ann,2024-01-\(10 + $0)" }
        let lines = ["id,name,day"] + part + ["id,name,day"] + part
        let text = Array(lines.map { $0 + lineEnd }.joined().utf8)
        let place = Int64(text.count - (lines[13...].map { $0.utf8.count + lineEnd.utf8.count }.reduce(0, +)))
        for target in Self.targets {
            let table = try CSVTestTable(MemorySource(text), CSVTestTable(text).detection, target: target)
            #expect(table.rows.count == 24)
            #expect(table.problems.map(\.line) == [14], "target \(target)")
            #expect(table.problems.map(\.byteOffset) == [place], "target \(target)")
        }
    }

    @Test("notes below the table are found wherever it is cut, also before the blank lines at the end")
    func footnotes() throws {
        let rows = (1...6).map { "\($0),Ann,2024-01-1\($0)\n" }.joined()
        for tail in ["Source: x\n\n", "\nSource: x\nand y\n\n\n", "\n\n"] {
            let text = Array(("id,name,day\n" + rows + tail).utf8)
            let whole = try CSVTestTable(text)
            #expect(whole.rows.count == 6)
            for target in 1...text.count {
                let cut = try CSVTestTable(MemorySource(text), whole.detection, target: target)
                #expect(cut.rows == whole.rows, "target \(target)")
            }
        }
    }

    @Test("chunks follow each other without a gap, and say their first line", arguments: [1, 10, 100, 1000])
    func chunksTile(target: Int) throws {
        var text = "preamble\n\na,b,c\n"
        for i in 0..<300 { text += i % 7 == 0 ? "\(i),\"two\nlines\",x\n" : "\(i),one line,x\n" }
        let bytes = Array(text.utf8)
        let table = try CSVTestTable(bytes, target: target)
        var at = table.chunks[0].offset
        for chunk in table.chunks {
            #expect(chunk.offset == at)
            #expect(chunk.firstLine == 1 + bytes[..<Int(chunk.offset)].count { $0 == 0x0A })
            at += chunk.length
        }
        #expect(at == Int64(bytes.count))
        #expect(table.rows.count == 300)
        #expect(table.chunks.count >= 300 * 14 / max(target, 20) / 2)
    }

    @Test("a record above the limit is rejected alone and reading goes on", arguments: [1 << 10, 8 << 20])
    func rejectsOversized(target: Int) throws {
        var text = Array("a,b\n1,2\n".utf8)
        let start = text.count
        text += Array(repeating: 0x78, count: 3 << 20)
        text += Array(",y\n3,4\n5,6\n".utf8)
        let table = try CSVTestTable(text, target: target)
        #expect(table.rows == [["1", "2"], ["3", "4"], ["5", "6"]])
        #expect(table.ordinals == [0, 2, 3])
        #expect(table.records == 4)
        let problem = try #require(table.problems.first)
        #expect(problem.code == .tooLarge && problem.isReject)
        #expect(problem.line == 3 && problem.byteOffset == Int64(start))
        #expect(problem.raw.utf8.count == 64 << 10)
        #expect(table.problems.count == 1)
        #expect(table.chunks.contains { $0.isOversized } == (target < 1 << 20))
    }

    @Test("an unterminated quote costs one line, not the file")
    func survivesUnterminatedQuote() throws {
        var text = "id,name,city\n"
        for i in 0..<20_000 { text += i == 30 ? "30,\"x,Rome\n" : "\(i),name\(i),Oslo\n" }
        let table = try CSVTestTable(text)
        #expect(table.rows.count == 20_000)
        #expect(table.rows[31] == ["31", "name31", "Oslo"])
        #expect(table.problems.map(\.line) == [32])
    }

    @Test("damage on every line is read in bounded time", arguments: ["a\\\"", "\"", "\"\"\"x", "a\"b", ",\",", "\"x\" y"])
    func staysLinear(_ piece: String) throws {
        var text = "id,name,city\n1,a,b\n2,\"c\\\"d\",e\n3,\"f\\\"g\",h\n"
        for i in 0..<20_000 { text += "\(i),\"\(piece)\n" }
        let table = try CSVTestTable(text)
        #expect(table.rows.count + table.problems.count { $0.isReject } >= 1)
        #expect(table.records <= 20_003)
    }
}
