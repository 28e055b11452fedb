import Domain
import Tabular
import Testing

@testable import Matching

@Suite("Persons of one household")
struct PersonsTests {
    private func verdicts(_ counts: [UInt8: Int], likeness: Double = 1) -> [PairVerdict] {
        counts.flatMap { others, count in
            let verdict = PairVerdict(
                score: 0, mayDrop: false, assertion: 0, likeness: likeness, persons: Persons(others: others))
            return [PairVerdict](repeating: verdict, count: count)
        }
    }

    @Test("two things are others together more often than by chance")
    func households() {
        let (name, birth, own) = (Persons.name, Persons.birth, Persons.own)
        // As many as errors in both make: 1,000 * .1 * .2.
        #expect(!Persons.areOfHouseholds(verdicts([0: 1000, name: 100, birth: 200, name | birth: 25])))
        #expect(Persons.areOfHouseholds(verdicts([0: 1000, name: 100, birth: 200, name | birth: 85])))
        #expect(Persons.areOfHouseholds(verdicts([0: 1000, name: 10, own: 10, birth | own: 15, name | birth | own: 15])))
        // Too few, or of rows that do not resemble each other.
        #expect(!Persons.areOfHouseholds(verdicts([0: 1000, name | birth: 20])))
        #expect(!Persons.areOfHouseholds(verdicts([name | birth: 500], likeness: -1)))
    }

    @Test("what two rows tell of persons")
    func persons() {
        #expect(!Persons().mayBeTwo)
        #expect(Persons(others: Persons.name | Persons.own).areTwo)
        #expect(!Persons(others: Persons.name, areNamedAlike: false).mayBeTwo)
        #expect(Persons(others: Persons.birth, areNamedAlike: false).mayBeTwo)
        #expect(!Persons(others: Persons.birth, areNamedAlike: true).mayBeTwo)
    }

    @Test("are no duplicates of each other, and those of each are found", arguments: [true, false])
    func people(households: Bool) throws {
        let (table, entity) = Fixture.people(900, seed: 31, households: households)
        let decisions = try table.run()
        let asserted = (decisions.drops + decisions.suggestions).map { ($0.row.ordinal, $0.kept.ordinal) }
        let right = asserted.count { entity[$0.0] == entity[$0.1] }
        let planted = entity.count - Set(entity).count
        // A brother may be born on a similar day.
        #expect(Double(right) >= 0.93 * Double(asserted.count), "\(right) of \(asserted.count)")
        #expect(Double(right) >= 0.95 * Double(planted), "\(right) of \(planted)")
    }
}
