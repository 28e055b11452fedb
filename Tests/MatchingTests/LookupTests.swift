import CScan
import Domain
import Tabular
import Testing

@testable import Matching

/// The tables and lists that stand in for general ones where matching looks things up most often.
@Suite struct LookupTests {
    @Test("a set of rows tells the place of each and of no other row", arguments: [0, 1, 63, 64, 65, 1000])
    func rowSet(count: Int) {
        var r = TestRandom(state: UInt64(count))
        // Chunks without a row, before and between others.
        let rows = Set((0..<count).map { _ in UInt64([2, 3, 7][r.below(3)]) << 32 | UInt64(r.below(900)) }).sorted()
        let set = RowSet(rows)
        for (place, row) in rows.enumerated() { #expect(set.position(of: row) == place) }
        for chunk in 0..<10 {
            for ordinal in stride(from: 0, to: 1100, by: 7) {
                let row = UInt64(chunk) << 32 | UInt64(ordinal)
                #expect(set.position(of: row) == rows.firstIndex(of: row))
            }
        }
    }

    @Test("values by hashed keys: counted, unknown ones have the value for none, all are visited once")
    func hashedMap() {
        var r = TestRandom(state: 3)
        let map = HashedMap<UInt32, Int>(none: -1)
        var expected: [UInt32: Int] = [:]
        #expect(map[5] == -1)
        for _ in 0..<5000 {
            // Many keys that differ in few bits.
            let key = UInt32(r.below(1500)) << UInt32(r.below(3) * 8) | 1
            map[key] += 2
            expected[key, default: -1] += 2
        }
        for (key, value) in expected { #expect(map[key] == value) }
        #expect(map[0xFFFF_FFFE] == -1)
        var visited: [UInt32: Int] = [:]
        map.forEach { visited[$0, default: 0] += $1 }
        #expect(visited == expected)
    }

    @Test("a row's cells are read as they were packed, long ones and empty ones, too")
    func packedCells() {
        let cells = [[], [UInt8](repeating: 7, count: 127), [0], [UInt8](repeating: 9, count: 20_000), []]
        let row = SampledRow(hash: 1, id: 2, cells: cells)
        #expect(row.cells == cells)
        #expect(SampledRow(hash: 1, id: 2, cells: []).cells.isEmpty)
    }

    @Test("common grams are left out, the others keep their order")
    func commonGrams() {
        var r = TestRandom(state: 9)
        let scratch = GramScratch()
        for length in [3, 4, 15, 16, 17, 100, 300] {
            let text = String((0..<length).map { _ in Character(UnicodeScalar(UInt8(97 + r.below(26)))) })
            let batch = TextBatch.of(columns: 1, [[text]])
            func grams(_ common: [UInt64]?) -> [UInt32] {
                let n = scratch.grams(batch, 0, roles: [1], common: common)
                return (0..<n).map { scratch.output[$0] }
            }
            let all = grams(nil)
            let common = (0..<1024).map { _ in r.next() & r.next() }
            #expect(grams(common) == all.filter { common[Int($0 >> 22)] >> UInt64(($0 >> 16) & 63) & 1 == 0 })
        }
    }

    @Test("the words of a text stand in the order of their hashes, each once, with what they have in them")
    func words() {
        let column = ColumnStatistics(column: 0, kind: .text, scale: 1)
        column.seal()
        let list = TokenList()
        func words(_ text: String) -> [(word: String, hasDigit: Bool)] {
            let bytes = Array(text.utf8)
            list.split(bytes, bytes.count, column)
            return list.tokens.map {
                (String(decoding: bytes[Int($0.start)..<Int($0.start + $0.length)], as: UTF8.self), $0.hasDigit)
            }
        }
        let found = words("red  house 12b red house a2 x")
        #expect(found.map(\.word).sorted() == ["12b", "a2", "house", "red", "x"])
        #expect(found.filter(\.hasDigit).map(\.word).sorted() == ["12b", "a2"])
        #expect(zip(list.tokens, list.tokens.dropFirst()).allSatisfy { $0.hash < $1.hash })
        // The digit stands behind the part that is compared.
        #expect(words(String(repeating: "a", count: 40) + "7").map(\.hasDigit) == [true])
        #expect(words((0..<80).map { "w\($0)" }.joined(separator: " ")).count == TokenList.maximum)
        #expect(words("").isEmpty)
    }

    @Test("a folded text tells what it has", arguments: ["", "é", "12", "a-b", "x.5/7", "O'Neil_2"])
    func foldedText(sample: String) {
        let bytes = Array(sample.utf8)
        let out = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
        defer { out.deallocate() }
        let has = bytes.withUnsafeBufferPointer { NormalForm.write($0, kind: .text, to: out).has }
        #expect(has.contains(.notASCII) == bytes.contains { $0 >= 0x80 })
        #expect(has.contains(.digits) == bytes.contains { $0 &- 48 < 10 })
        #expect(has.contains(.connectors) == sample.contains { "-./_".contains($0) })
    }

    @Test("a text of any length folds by the rules: one blank between words, points between digits, no apostrophes")
    func foldedByRules() {
        func folded(_ p: [UInt8]) -> [UInt8] {
            var out: [UInt8] = []
            func isDigit(_ i: Int) -> Bool { p.indices.contains(i) && p[i] &- 48 < 10 }
            for (i, c) in p.enumerated() {
                if (c | 32) &- 97 < 26 || isDigit(i) {
                    out.append(c &- 65 < 26 ? c | 32 : c)
                } else if c == UInt8(ascii: "."), isDigit(i - 1), isDigit(i + 1) {
                    out.append(c)
                } else if c != UInt8(ascii: "'"), !out.isEmpty, out.last != 32 {
                    out.append(32)
                }
            }
            return out.last == 32 ? out.dropLast() : out
        }
        let alphabet = Array("abcdefgZ019019 ..'-_@[`{".utf8)
        let out = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
        defer { out.deallocate() }
        for i in 0..<4000 {
            let text = (0..<i % 70).map { alphabet[Int(Hash.mix(UInt64(i * 100 + $0)) % UInt64(alphabet.count))] }
            let n = text.withUnsafeBufferPointer { NormalForm.write($0, kind: .text, to: out).count }
            let form = Array(UnsafeBufferPointer(start: out, count: n))
            #expect(form == folded(text), "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test("the words of a row ascend, each once", arguments: [0, 1, 2, 3, 4, 5, 17, 63, 120])
    func wordsOfRow(count: Int) {
        let column = MatchPlan.Column(
            name: "text", kind: .text, semantic: .freeText, isCompared: true, isInSignature: true, isPossibleKey: false,
            isCategory: false)
        let terms = RowTerms(columns: [column], codeOnly: [])
        func tokens(_ words: [String]) -> [UInt64] {
            terms.read(TextBatch.of(columns: 1, [[words.joined(separator: " ")]]), 0)
            return Array(terms.tokens)
        }
        let lengths = count < 120 ? 20 : 5  // A text of more than NormalForm.maximumBytes is cut.
        for kinds in [3, 1000] {
            let words = (0..<count).map {
                "w\(String(repeating: "x", count: $0 % lengths))\(Hash.mix(UInt64($0)) % UInt64(kinds))"
            }
            let single = words.map { tokens([$0]) }
            #expect(single.allSatisfy { $0.count == 1 })
            #expect(tokens(words) == Set(single.joined()).sorted())
        }
    }
}
