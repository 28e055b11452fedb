import Domain
import Formats
import Tabular
import Testing

@Suite struct ProvenanceEncoderTests {
    @Test("changes read back as they were added, in order", arguments: [0, 1, 10, 20_000])
    func roundTrip(count: Int) throws {
        let arena = ByteArena(capacity: 4 << 20)
        func text(_ s: String?) -> UnsafeBufferPointer<UInt8>? {
            guard let s else { return nil }
            let at = arena.append(s)
            return UnsafeBufferPointer(start: arena.base + at, count: s.utf8.count)
        }
        let columns = ["a", "b.c", "ü"]
        let transformations = ["trim", "date_iso", "impute_median"]
        let encoder = ProvenanceEncoder(columns: columns, transformations: transformations, sources: ["deterministic", "impute"])
        var expected: [[String?]] = []
        for i in 0..<count {
            let original: String? = i % 5 == 0 ? nil : i % 5 == 1 ? "" : " v\(i % (i % 2 == 0 ? 7 : 100_000)) "
            let cleaned: String? = i % 11 == 0 ? nil : "v\(i)"
            let confidence = [Float(1), 0.95, 0.1234, 0][i % 4]
            encoder.append(
                row: Int64(i) * 3, column: 2 - i % 3, original: text(original), cleaned: text(cleaned), transformation: i % 3,
                confidence: confidence, source: i % 2)
            expected.append([
                "\(i * 3)", columns[2 - i % 3], original, cleaned, transformations[i % 3], ["1", "0.95", "0.1234", "0"][i % 4],
                ["deterministic", "impute"][i % 2],
            ])
        }
        #expect(encoder.count == count)
        let part = try encoder.encode()
        #expect(encoder.count == 0)
        #expect(try WritingSupport.read(part) == expected)
        let file = try WritingSupport.assemble([part, part], .parquet, schema: ProvenanceEncoder.schema)
        #expect(try WritingSupport.read(file) == expected + expected)
    }
}
