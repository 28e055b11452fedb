import Foundation
public import Messaging

/// A RabbitMQ of a test's own, for what the shared one must be spared: restarts, alarms, TLS. Takes 5 to 20 s to start.
public final class PrivateBroker: Sendable {
    private let directory: String
    private let port: Int
    private let tlsPort: Int
    /// PEM file of the authority that signed the broker's certificate (`localhost` and `127.0.0.1`).
    public let authority: String

    public var endpoint: BrokerEndpoint {
        var endpoint = BrokerEndpoint()
        endpoint.port = port
        return endpoint
    }
    public var tlsEndpoint: BrokerEndpoint {
        var endpoint = BrokerEndpoint()
        endpoint.host = "localhost"
        endpoint.port = tlsPort
        endpoint.tls = .init(authorities: authority)
        return endpoint
    }

    /// Starts a broker, as an unprivileged user when this process is privileged.
    public static func start() async throws -> PrivateBroker {
        let broker = try PrivateBroker()
        try await broker.startServer()
        return broker
    }

    private init() throws {
        directory = NSTemporaryDirectory() + "sanitizer-broker-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        // Four ports in a row: AMQP, distribution, AMQPS, epmd.
        let starts = (0..<1000).lazy.map { _ in Int.random(in: 21_000..<30_000) }
        guard let start = starts.first(where: { ($0..<($0 + 4)).allSatisfy(TCPProxy.isFree) }) else {
            throw ProxyError(description: "no ports for a private broker")
        }
        port = start
        tlsPort = port + 2
        authority = directory + "/ca.pem"
        for folder in ["", "/mnesia", "/log", "/home"] {
            try FileManager.default.createDirectory(atPath: directory + folder, withIntermediateDirectories: true)
        }
        try Self.shell(
            """
            cd '\(directory)'
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ca.key -out ca.pem -subj /CN=test-ca \
              -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=localhost
            printf 'subjectAltName=DNS:localhost\\nextendedKeyUsage=serverAuth\\nbasicConstraints=CA:FALSE\\n' > ext
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out server.pem -extfile ext
            chmod 644 *.key
            """)
        try """
        listeners.tcp.1 = 127.0.0.1:\(port)
        listeners.ssl.1 = 127.0.0.1:\(tlsPort)
        ssl_options.cacertfile = \(authority)
        ssl_options.certfile = \(directory)/server.pem
        ssl_options.keyfile = \(directory)/server.key
        vm_memory_high_watermark.absolute = 1GB
        disk_free_limit.absolute = 50MB
        """.write(toFile: directory + "/rabbitmq.conf", atomically: true, encoding: .utf8)
        try "[].".write(toFile: directory + "/enabled_plugins", atomically: true, encoding: .utf8)
        try """
        export HOME='\(directory)/home' RABBITMQ_NODENAME=test\(port)@localhost RABBITMQ_CONF_ENV_FILE=/dev/null
        export RABBITMQ_CONFIG_FILE='\(directory)/rabbitmq.conf' RABBITMQ_ENABLED_PLUGINS_FILE='\(directory)/enabled_plugins'
        export RABBITMQ_MNESIA_BASE='\(directory)/mnesia' RABBITMQ_LOG_BASE='\(directory)/log' RABBITMQ_DIST_PORT=\(port + 1)
        export RABBITMQ_PID_FILE='\(directory)/pid' ERL_EPMD_PORT=\(port + 3) ERL_EPMD_ADDRESS=127.0.0.1
        export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
        cd '\(directory)'
        """.write(toFile: directory + "/env.sh", atomically: true, encoding: .utf8)
        if getuid() == 0 { try Self.shell("chown -R nobody:nogroup '\(directory)'") }
    }

    /// Starts the server and waits until it takes connections.
    public func startServer() async throws {
        // Foundation takes a process for running as long as a descendant holds the descriptors that it passed on.
        let closeInherited = "for f in $(ls /proc/$$/fd); do [ $f -gt 2 ] && eval \"exec $f>&-\"; done"
        try asUser("\(closeInherited)\nsetsid \(Self.scripts)/rabbitmq-server > log/stdout 2> log/stderr < /dev/null &")
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let publisher = Publisher(endpoint, logger: TestLedger.quiet)
            let isReady = await publisher.isReady
            await publisher.close()
            if isReady { return }
            guard .now < deadline else { throw ProxyError(description: "the private broker did not start") }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// As when its machine loses power.
    public func kill() throws { try asUser("kill -KILL $(cat pid); while kill -0 $(cat pid) 2> /dev/null; do sleep 0.05; done") }

    /// Runs `rabbitmqctl` on this broker.
    public func control(_ arguments: String) throws { try asUser("\(Self.scripts)/rabbitmqctl -q \(arguments)") }

    /// Ends the broker and its port mapper, and removes what they wrote.
    public func stop() throws {
        // The port mapper does not go while a node is registered.
        try asUser(
            """
            kill -KILL $(cat pid) 2> /dev/null
            for i in $(seq 100); do epmd -port $ERL_EPMD_PORT -kill > /dev/null 2>&1 && break; sleep 0.05; done; true
            """)
        try FileManager.default.removeItem(atPath: directory)
    }

    /// The wrappers in the path switch users: the scripts behind them do not.
    private static let scripts = "$(echo /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin)"

    private func asUser(_ command: String) throws {
        let user = getuid() == 0 ? "setpriv --reuid=nobody --regid=nogroup --clear-groups " : ""
        try Self.shell("\(user)bash -c '. \"\(directory)/env.sh\"; '\"$(cat <<'END'\n\(command)\nEND\n)\"")
    }

    private static func shell(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ProxyError(description: "a command for the private broker failed with \(process.terminationStatus)")
        }
    }
}
