import Foundation
import Testing

@Suite("Simulated schedules")
struct SimulationTests {
    /// SANITIZER_SIMULATIONS asks for more; a failing seed is printed and replays its schedule.
    static let count = ProcessInfo.processInfo.environment["SANITIZER_SIMULATIONS"].flatMap(UInt64.init) ?? 3000

    @Test("under any schedule of deaths, freezes and lost, repeated or reordered messages every job ends, from one commit a task")
    func holds() {
        var fenced = 0
        let began = ContinuousClock.now
        for seed in 0..<Self.count {
            var simulation = Simulation(seed: seed)
            simulation.run()
            fenced += simulation.fenced
            #expect(simulation.violations.isEmpty, "seed \(seed): \(simulation.violations.prefix(3))")
            if !simulation.violations.isEmpty { return }
        }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        print("\(Self.count) schedules, \(fenced) fenced commits, \(Int(Double(Self.count) / seconds)) a second")
        // A run in which nobody was ever too late proves nothing.
        #expect(fenced > Int(Self.count) / 100)
    }

    @Test("a dead worker's work comes back by the broker's redelivery alone, without a dispatcher")
    func redelivers() {
        for seed in 0..<500 {
            var simulation = Simulation(seed: UInt64(seed), isBrokerAlone: true)
            simulation.run()
            #expect(simulation.violations.isEmpty, "seed \(seed): \(simulation.violations.prefix(3))")
        }
    }

    @Test("each deliberate mistake is noticed", arguments: Simulation.Mistake.allCases)
    func notices(_ mistake: Simulation.Mistake) {
        let noticed = (0..<500).first { seed in
            var simulation = Simulation(seed: UInt64(seed), mistake: mistake, isBrokerAlone: mistake == .ackBeforeCommit)
            simulation.run()
            return !simulation.violations.isEmpty
        }
        #expect(noticed != nil)
    }
}
