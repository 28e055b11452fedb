import Testing

@testable import Generation

@Suite("The generator")
struct GenerationTests {
    @Test("gives the same bytes for the same seed and others for another", arguments: Scenario.allCases)
    func seed(scenario: Scenario) {
        let first = Generator.csv(scenario, rows: 2000, seed: 5)
        #expect(first == Generator.csv(scenario, rows: 2000, seed: 5))
        #expect(first != Generator.csv(scenario, rows: 2000, seed: 6))
    }
}
