import ArgumentParser
import Domain
import Foundation
import Tabular

/// The command line: the engine in one process, and the client of the services.
@main
struct Sanitizer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sanitizer",
        abstract: "Send it a dirty table, get back a clean one, with proof of every change.",
        discussion: """
            Exit codes: 0 success, 1 failed, 2 bad usage, 3 refused by pre-flight.
            The client commands read SANITIZER_API and SANITIZER_KEY from the environment.
            """,
        version: Engine.version,
        groupedSubcommands: [
            CommandGroup(
                name: "On this machine",
                subcommands: [
                    CleanCommand.self, ConvertCommand.self, InspectCommand.self, PlanCommand.self, CheckCommand.self,
                    VerifyCommand.self,
                    GenerateCommand.self,
                ])
        ] + clientCommands)

    #if ENGINE_ONLY
        private static let clientCommands: [CommandGroup] = []
    #else
        private static let clientCommands = [
            CommandGroup(
                name: "Against the services",
                subcommands: [
                    SubmitCommand.self, StatusCommand.self, ReportCommand.self, DownloadCommand.self, CancelCommand.self,
                    AdminCommand.self,
                ])
        ]
    #endif

    static func main() async {
        // A reader that goes away (a closed pipe) is an error of the write, not the end of the process without a word.
        signal(SIGPIPE, SIG_IGN)
        TemporaryPaths.removeWhenInterrupted { say("\($0): what is not complete is removed") }
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as SanitizerError {
            Self.say("error: \(error.message)")
            Self.leave(error.exitCode)
        } catch {
            let code = Self.exitCode(for: error)
            if code == .success {
                Self.exit(withError: error)
            }
            if error is ExitCode { Self.leave(code.rawValue) }
            if code == .validationFailure {
                Self.say(Self.fullMessage(for: error))
                Self.leave(2)
            }
            Self.say("error: \(error)")
            Self.leave(1)
        }
    }

    /// Ends the process after an error. Not `exit`: it would take the libraries' state away under threads that an error left behind.
    private static func leave(_ code: Int32) -> Never {
        fflush(nil)
        _exit(code)
    }

    /// One line (or more) on standard error.
    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
