import Tabular
import Testing

@testable import Matching
@testable import Pipeline

@Suite("Listings")
struct ListingsTests {
    @Test("a match is one line with its evidence, quoted where the name of a column needs it")
    func matches() {
        func decision(_ kind: RowDecision.Kind, _ row: Int, _ score: Double, _ explanation: [RowDecision.Evidence]) -> RowDecision
        {
            RowDecision(
                row: RowID(chunk: 1, ordinal: row), kept: RowID(chunk: 0, ordinal: 4), kind: kind, score: score,
                explanation: explanation)
        }
        let evidence = [
            RowDecision.Evidence(column: 0, level: 6, weight: 12.34), RowDecision.Evidence(column: 1, level: -1, weight: 0),
            RowDecision.Evidence(column: 1, level: 4, weight: 0.96), RowDecision.Evidence(column: 2, level: 3, weight: -20.06),
        ]
        func lines(_ columns: [String]) -> String {
            let drops = [decision(.exact, 2, 1, []), decision(.near, 7, 0.99306, evidence)]
            let bytes = Listings.matches(
                drops[...], [decision(.suggested, 5, 0.05, [])][...], firstRecords: [0, 1000, 2000], columns: columns)
            return String(decoding: bytes, as: UTF8.self)
        }
        let first = "1002,4,exact,1.0000,,\n1005,4,suggested,0.0500,,\n1007,4,near,0.9931,-6.8,"
        #expect(lines(["name", "city"]) == first + "name equal +12.3; city similar +1.0; model numbers different -20.1\n")
        #expect(
            lines(["name", "city, \"town\""]) == first
                + "\"name equal +12.3; city, \"\"town\"\" similar +1.0; model numbers different -20.1\"\n")
    }
}
