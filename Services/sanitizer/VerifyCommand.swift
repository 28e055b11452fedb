import ArgumentParser
import Domain
import Pipeline

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check an output file against its report: digest, size, rows, conservation, recipe.")

    @Argument(help: "The cleaned table.")
    var output: String

    @Option(help: "Its JSON report.")
    var report: String

    func run() throws {
        let checks = try Verification.run(output: output, report: report)
        for check in checks {
            print("\(check.passed ? "ok  " : "FAIL") \(check.name): \(check.detail)")
        }
        let failed = checks.filter { !$0.passed }.count
        guard failed == 0 else {
            throw SanitizerError(.digestMismatch, "\(output): \(failed) of \(checks.count) checks failed, do not use this file")
        }
    }
}
