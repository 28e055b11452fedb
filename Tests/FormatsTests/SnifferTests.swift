import Domain
import Formats
import Tabular
import Testing

struct SnifferTests {
    private func code(_ bytes: [UInt8], _ name: String = "input") -> SanitizerError.Code? {
        do {
            _ = try Sniffer.detect(MemorySource(bytes), name: name, options: InputOptions())
            return nil
        } catch let error as SanitizerError {
            return error.code
        } catch {
            return .internal
        }
    }

    @Test("inputs that hold no table are refused with the reason")
    func refuses() {
        #expect(code([]) == .inputEmpty)
        #expect(code(Array(" \n\t\r\n".utf8)) == .inputEmpty)
        #expect(code((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) }) == .formatUnknown)
        #expect(code([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) == .formatUnknown)
        #expect(code([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) == .formatUnsupported)
        #expect(code(Array("PK\u{3}\u{4}rest".utf8)) == .inputUnreadable)
    }

    @Test("content decides the format, whatever the name says")
    func contentDecides() throws {
        let json = try Sniffer.detect(
            MemorySource(Array("{\"a\": 1}\n{\"a\": 2}\n".utf8)), name: "data.txt", options: InputOptions())
        #expect(json.format == .jsonl)
        let csv = try Sniffer.detect(MemorySource(Array("a,b\n1,2\n".utf8)), name: "data", options: InputOptions())
        #expect(csv.format == .csv)
    }

    @Test("a detection survives being stored")
    func isCodable() throws {
        let text = "a,b\n1,2\n3,4\n5,6\n7,8\n"
        let table = try CSVTestTable(text)
        #expect(table.detection.csv?.profile?.count == 2)
        #expect(table.detection.declaredTypes == [nil, nil])
    }
}
