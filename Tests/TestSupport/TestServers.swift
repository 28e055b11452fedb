import Foundation

/// Where the servers for tests are. `make test` starts them and exports the variables.
public enum TestServers {
    /// A missing server fails the test that needs it: it is no reason to skip.
    public struct Missing: Error, CustomStringConvertible {
        public let variable: String
        public var description: String { "\(variable) is not set: run the tests with `make test`" }
    }
    /// A role that may create schemas and roles.
    public static func postgres() throws -> String { try variable("SANITIZER_TEST_POSTGRES") }
    public static func amqp() throws -> String { try variable("SANITIZER_TEST_AMQP") }

    private static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name], !value.isEmpty else { throw Missing(variable: name) }
        return value
    }
}
