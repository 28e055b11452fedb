import ArgumentParser
import Domain
import Foundation

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
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let error as SanitizerError {
            Self.say("error: \(error.message)")
            Foundation.exit(error.exitCode)
        } catch {
            let code = Self.exitCode(for: error)
            if code == .success {
                Self.exit(withError: error)
            }
            if error is ExitCode { Foundation.exit(code.rawValue) }
            if code == .validationFailure {
                Self.say(Self.fullMessage(for: error))
                Foundation.exit(2)
            }
            Self.say("error: \(error)")
            Foundation.exit(1)
        }
    }

    /// One line (or more) on standard error.
    static func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
