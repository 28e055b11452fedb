import Foundation
import Pipeline
import Synchronization

/// How the run talks about itself on standard error.
enum ProgressMode: String, CaseIterable {
    /// A bar on a terminal, lines elsewhere.
    case auto
    /// One line when a stage begins and every few seconds.
    case plain
    case none
}

/// Stage, rows, rows per second and time left; always on standard error.
final class ProgressDisplay: ProgressObserver {
    private struct State {
        var stage: ProgressStage?
        var units = 0
        var unitsDone = 0
        var rows = 0
        var rowsDone = 0
        var stageStart = ContinuousClock.now
        var lastShown = ContinuousClock.now
        var lineIsOpen = false
    }
    private let state = Mutex(State())
    private let bar: Bool
    private let interval: Duration

    /// nil when nothing is to be shown.
    static func make(_ mode: ProgressMode) -> any ProgressObserver {
        switch mode {
        case .none: SilentProgress()
        case .plain: ProgressDisplay(bar: false)
        case .auto: ProgressDisplay(bar: isatty(STDERR_FILENO) == 1)
        }
    }

    private init(bar: Bool) {
        self.bar = bar
        interval = bar ? .milliseconds(100) : .seconds(2)
    }

    func begin(_ stage: ProgressStage, units: Int, rows: Int) {
        state.withLock { state in
            closeLine(&state)
            state.stage = stage
            state.units = units
            state.unitsDone = 0
            state.rows = rows
            state.rowsDone = 0
            state.stageStart = .now
            state.lastShown = .now
        }
    }

    func advance(_ stage: ProgressStage, rows: Int) {
        state.withLock { state in
            guard state.stage == stage else { return }
            state.unitsDone += 1
            state.rowsDone += rows
            let now = ContinuousClock.now
            guard now - state.lastShown >= interval else { return }
            state.lastShown = now
            show(&state, now)
        }
    }

    /// Ends an open bar, so that what follows starts on a fresh line.
    func finish() { state.withLock { closeLine(&$0) } }

    private func show(_ state: inout State, _ now: ContinuousClock.Instant) {
        guard let stage = state.stage, state.units > 0 else { return }
        let share = Double(state.unitsDone) / Double(state.units)
        let seconds = max(1e-3, (now - state.stageStart) / .seconds(1))
        var text = stage.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        if bar {
            let width = 24
            let filled = Int(share * Double(width))
            text += "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "] "
        }
        text += "\(Int(share * 100)) %"
        if state.rowsDone > 0 {
            text += ", \(Quantity.count(state.rowsDone)) rows, \(Quantity.count(Int(Double(state.rowsDone) / seconds))) rows/s"
        }
        if share > 0.02 { text += ", \(Quantity.seconds(seconds * (1 - share) / share)) left" }
        if bar {
            write("\r\u{1B}[K" + text)
            state.lineIsOpen = true
        } else {
            write(text + "\n")
        }
    }

    private func closeLine(_ state: inout State) {
        if state.lineIsOpen { write("\r\u{1B}[K") }
        state.lineIsOpen = false
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Numbers as people read them.
enum Quantity {
    static func count(_ n: Int) -> String {
        var digits = String(n.magnitude)
        var out = ""
        while digits.count > 3 {
            out = "," + digits.suffix(3) + out
            digits.removeLast(3)
        }
        return (n < 0 ? "-" : "") + digits + out
    }
    static func bytes(_ n: Int64) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(n)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(n) bytes" : "\(String(format: "%.1f", value)) \(units[unit])"
    }
    static func seconds(_ s: Double) -> String {
        s < 1 ? "\(Int(s * 1000)) ms" : s < 120 ? String(format: "%.1f s", s) : "\(Int(s) / 60) min \(Int(s) % 60) s"
    }
    static func percent(_ share: Double) -> String { String(format: "%.2f %%", share * 100) }
}
