import Domain
import Formats
import Tabular
import Testing

/// Files that pyarrow wrote: with dictionaries in two row groups, without in small pages of the second version, and with a dictionary that is
/// given up after some pages.
@Suite struct ParquetReadingTests {
    private static let names = [
        "text", "bytes", "long", "i32", "i64", "u32", "f32", "f64", "flag", "day", "us", "ns", "ms", "dec", "code", "place.city",
        "place.zip",
        "list", "mixed.a", "mixed.b", "none",
    ]
    private static let long = String(repeating: "x", count: 200)
    private static let rows: [[String?]] = [
        [
            "Ann", "0xffff0102", long, "1", "1", "1", "0.1", "0.1", "true", "1970-01-01", "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00",
            "1970-01-01T00:00:00", "1.50", "a", "Rome", "1", "[1,2]", "1", "[\"x\"]", nil,
        ],
        [
            "Bob", "plain", String(repeating: "é", count: 70), "-2", "-2", "2", "10000000000", "1e+16", "false", "2022-01-08",
            "2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20.123456789", "2023-11-14T22:13:20.123000", "-0.01", "b", nil, "2",
            "[]", nil,
            nil, nil,
        ],
        Array(repeating: nil, count: 21),
        [
            "Zoë", "é", "a", "2147483647", "-9223372036854775808", "4294967295", "0", "NaN", "true", "0000-12-31",
            "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999999", "1969-12-31T23:59:59.999000", "0.00", "a", "Oslo",
            nil, "[null]",
            "2", "[]", nil,
        ],
        [
            "Ann", "0xffff0102", long, "1", "1", "1", "16777216", "-inf", "false", "+10000-01-01", "1970-01-01T00:00:00.000001Z",
            "1970-01-01T00:00:00.000001", "1970-01-01T00:00:00.001000", nil, "b", "Rome", "1", "[3]", "3", "[\"y\",\"z\"]", nil,
        ],
        [
            "", "", "b", "0", "0", "0", "3.4e+38", "1e-07", "true", "1970-01-02", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00",
            "1970-01-01T00:00:00", nil, "a", "", "0", "[4]", "4", "[null]", nil,
        ],
    ]

    private func open(_ bytes: [UInt8]) throws -> any TableReader {
        let source = MemorySource(bytes)
        return try Readers.open(try Sniffer.detect(source, name: "a.parquet", options: InputOptions()), source)
    }
    private func rows(_ batch: TextBatch) -> [[String?]] {
        (0..<batch.rows).map { row in (0..<batch.columns).map { batch.string(row, $0) } }
    }
    private func read(_ reader: any TableReader, targetBytes: Int) throws -> [[String?]] {
        try reader.planChunks(targetBytes: targetBytes).flatMap { rows(try reader.read($0, maxRows: nil)) }
    }

    @Test(
        "Values of every type come out the same from dictionaries and plain pages, whole and row by row",
        arguments: [PackageResources.coded_parquet, PackageResources.plain_parquet], [1 << 20, 1])
    func values(file: [UInt8], targetBytes: Int) throws {
        let reader = try open(file)
        #expect(reader.detection.columns == Self.names)
        #expect(try read(reader, targetBytes: targetBytes) == Self.rows)
    }

    @Test(
        "Chunks may be read in any order, and in part",
        arguments: [PackageResources.coded_parquet, PackageResources.plain_parquet])
    func anyOrder(file: [UInt8]) throws {
        let reader = try open(file)
        let single = try reader.planChunks(targetBytes: 1)
        #expect(single.count == 6)
        for index in [5, 0, 3, 1, 4, 2, 2] { #expect(rows(try reader.read(single[index], maxRows: nil)) == [Self.rows[index]]) }
        let whole = try reader.planChunks(targetBytes: 1 << 20)
        #expect(rows(try reader.read(whole[0], maxRows: 2)) == Array(Self.rows[..<2]))
    }

    @Test("A dictionary that is given up after some pages", arguments: [1 << 20, 100, 1])
    func fallback(targetBytes: Int) throws {
        let wanted: [[String?]] = (0..<60).map { i in
            let number = String(repeating: "0", count: i < 10 ? 3 : 2) + "\(i)"
            return [number + ["", " ", " ä"][i % 3], i % 7 == 0 ? nil : "\(i * i)"]
        }
        #expect(try read(try open(PackageResources.fallback_parquet), targetBytes: targetBytes) == wanted)
    }

    @Test("The first and last moments that the types can hold")
    func farTimes() throws {
        let wanted: [[String?]] = [
            ["-290308-12-21T19:59:05.224192", "1677-09-21T00:12:43.145224192Z", "-5877641-06-23"],
            ["+294247-01-10T04:00:54.775807", "2262-04-11T23:47:16.854775807Z", "+5881580-07-11"],
            ["0000-12-31T23:59:59.999999", "1969-12-31T23:59:59Z", "0001-01-01"],
            ["+10000-01-01T00:00:00", "1970-01-01T00:00:00.000000001Z", "9999-12-31"],
        ]
        #expect(try read(try open(PackageResources.far_parquet), targetBytes: 1 << 20) == wanted)
    }

    @Test("A file that was cut or changed is refused, whatever the byte")
    func damaged() throws {
        for file in [PackageResources.coded_parquet, PackageResources.plain_parquet, PackageResources.far_parquet] {
            for at in stride(from: 4, to: file.count - 8, by: 7) {
                var bytes = file
                bytes[at] ^= 0x55
                do {
                    _ = try read(try open(bytes), targetBytes: 1 << 16)
                } catch let error as SanitizerError {
                    #expect(
                        [.inputUnreadable, .formatUnsupported, .limitExceeded, .inputEmpty].contains(error.code),
                        "\(at): \(error.message)")
                }
            }
        }
    }
}
