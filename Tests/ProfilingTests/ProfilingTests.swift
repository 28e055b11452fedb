import Domain
import Profiling
import Tabular
import Testing

@Suite struct TableProfileTests {
    /// Chunks of one table: ids (unique), a category, numbers with gaps, a skewed text.
    private func chunks(_ n: Int, rows: Int) -> [TextBatch] {
        (0..<n).map { chunk in
            TextBatch.of(
                columns: 4,
                (0..<rows).map { r in
                    let i = chunk * rows + r
                    let h = Hash.mix(UInt64(i + 1))
                    return [
                        "id-\(h)", ["red", "green", "blue"][Int(h % 3)], h % 7 == 0 ? nil : String(Int(h % 100_000)),
                        h % 10 == 0 ? "heavy" : "v\(h % 30_000)",
                    ]
                })
        }
    }
    private func profile(_ batch: TextBatch, _ chunk: Int) -> TableProfile {
        let p = TableProfile(columns: 4)
        p.add(batch, rows: 0..<batch.rows, chunk: chunk)
        return p
    }

    @Test(
        "Profiles merge to the same bytes in any order and grouping, also when columns overflow", arguments: [500, 3000, 20_000])
    func mergeOrder(rows: Int) {
        let batches = chunks(5, rows: rows)
        func merged(_ order: [Int]) -> [UInt8] {
            let p = TableProfile(columns: 4)
            for c in order { p.merge(profile(batches[c], c)) }
            return p.encode()
        }
        let expected = merged([0, 1, 2, 3, 4])
        #expect(merged([4, 2, 0, 3, 1]) == expected)
        // ((0 1) (2 (3 4)))
        let left = profile(batches[0], 0)
        left.merge(profile(batches[1], 1))
        let right = profile(batches[3], 3)
        right.merge(profile(batches[4], 4))
        let middle = profile(batches[2], 2)
        middle.merge(right)
        left.merge(middle)
        #expect(left.encode() == expected)
        // One profile over all chunks, in another order.
        let single = TableProfile(columns: 4)
        for c in [3, 0, 4, 1, 2] { single.add(batches[c], rows: 0..<batches[c].rows, chunk: c) }
        #expect(single.encode() == expected)
    }

    @Test("A chunk given in pieces counts like a chunk given whole")
    func pieces() {
        let batch = chunks(1, rows: 20_000)[0]
        let p = TableProfile(columns: 4)
        for start in stride(from: 0, to: batch.rows, by: 777) {
            p.add(batch, rows: start..<min(batch.rows, start + 777), chunk: 0)
        }
        #expect(p.encode() == profile(batch, 0).encode())
    }

    @Test("Encoding and decoding give the same profile; a cut or longer text is refused")
    func coding() throws {
        let bytes = profile(chunks(1, rows: 12_000)[0], 0).encode()
        #expect(try TableProfile(decoding: bytes).encode() == bytes)
        for cut in [0, 1, 5, bytes.count / 2, bytes.count - 1] {
            #expect(throws: SanitizerError.self) { try TableProfile(decoding: Array(bytes[..<cut])) }
        }
        #expect(throws: SanitizerError.self) { try TableProfile(decoding: bytes + [0]) }
    }

    @Test("A closed column counts every value exactly, with its first row")
    func closed() {
        let p = TableProfile(columns: 1)
        p.add(TextBatch.of(columns: 1, [["b"], ["a"], [nil], ["b"], [""], ["a"], ["b"]]), rows: 0..<7, chunk: 0)
        let c = p.columns[0]
        #expect(c.rows == 7)
        #expect(c.missing == 2)
        #expect(c.distinct == 2)
        #expect(c.values.map(\.text) == ["b", "a"])
        #expect(c.values.map(\.count) == [3, 2])
        #expect(c.values[1].firstRow == RowID(chunk: 0, ordinal: 1))
    }

    @Test("An open column estimates distinct values within 5 %, and finds a value of a tenth of the rows")
    func open() {
        let p = TableProfile(columns: 4)
        for (i, batch) in chunks(4, rows: 20_000).enumerated() { p.add(batch, rows: 0..<batch.rows, chunk: i) }
        let ids = p.columns[0]
        #expect(ids.isOpen)
        #expect(abs(ids.distinct - 80_000) < 4000)
        let skewed = p.columns[3]
        #expect(skewed.isOpen)
        let top = skewed.topValues(3)
        #expect(top[0].text == "heavy")
        #expect(top[0].count > 4000)
        #expect(ids.count(.text) == 80_000)
    }

    @Test("Quantiles are exact while closed and within 1 % when open; the mean of whole numbers is exact")
    func quantiles() {
        let small = TableProfile(columns: 1)
        small.add(TextBatch.of(columns: 1, (1...100).map { [String($0)] }), rows: 0..<100, chunk: 0)
        #expect(small.columns[0].quantile(0.5) == 50)
        #expect(small.columns[0].quantile(1) == 100)
        #expect(small.columns[0].mean == 50.5)
        let large = TableProfile(columns: 1)
        large.add(TextBatch.of(columns: 1, (1...40_000).map { [String($0)] }), rows: 0..<40_000, chunk: 0)
        #expect(large.columns[0].isOpen)
        #expect(abs((large.columns[0].quantile(0.5) ?? 0) - 20_000) < 200)
        #expect(large.columns[0].mean == 20_000.5)
        #expect(large.columns[0].lowestNumber == 1)
        #expect(large.columns[0].highestNumber == 40_000)
    }

    @Test(
        "Cells are classified by their canonical form",
        arguments: [
            ("12", CellKind.integer), ("-3", .integer), ("1234567890123456", .longInteger), ("007", .digitCode),
            ("1.5", .decimal),
            ("true", .boolean), ("2024-02-29", .date), ("2023-02-29", .text), ("2024-01-01T10:00:00", .timestamp),
            ("2024-01-01T10:00:00Z", .timestampUTC), ("12 apples", .text), ("-", .text), ("2024-01-01 10:00:00", .text),
            ("1-2", .text),
            ("99999999999999999999", .digitCode), ("-0", .text), ("1.2.3", .text),
        ])
    func kinds(text: String, kind: CellKind) {
        let p = TableProfile(columns: 1)
        p.add(TextBatch.of(columns: 1, [[text]]), rows: 0..<1, chunk: 0)
        #expect(p.columns[0].count(kind) == 1)
    }
}

@Suite struct PersonalDataTests {
    @Test(
        "Values with a certain form are recognised, look-alikes are not",
        arguments: [
            ("jane.doe+x@mail.example.org", SemanticType.email), ("jane@localhost", nil), ("a@b@c.de", nil),
            ("4111 1111 1111 1111", .paymentCard),
            ("4111111111111112", nil), ("DE89 3704 0044 0532 0130 00", .iban), ("DE89370400440532013001", nil),
            ("192.168.0.1", .ipAddress),
            ("256.1.1.1", nil), ("2001:db8::1", .ipAddress), ("12:30:45", nil), ("078-05-1120", .nationalID),
            ("666-12-1234", nil),
            ("https://example.org/x", .url), ("(555) 123-4567", .phone), ("+49 30 123456", .phone), ("2024-01-05", nil),
            ("12345678", nil),
            ("1.234.567", nil),
        ] as [(String, SemanticType?)])
    func detection(text: String, type: SemanticType?) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { PersonalData.detect($0) } == type)
    }
}
