import Foundation
import Synchronization

/// A proxy on a loopback port that can cut connections: the network between a client and a server, at its worst.
public final class TCPProxy: Sendable {
    private struct State {
        var target: (host: String, port: Int)
        var sockets: Set<Int32> = []
        var cutAfterRequest = false
        var downAfterCut = false
        var isDown = false
        var cuts = 0
    }
    private let state: Mutex<State>
    private let listener: Int32
    public let port: Int
    private let urlTemplate: String

    /// The server's URL by way of the proxy.
    public var url: String { urlTemplate.replacingOccurrences(of: "{port}", with: String(port)) }

    public static func toPostgres() async throws -> TCPProxy { try TCPProxy(url: try TestServers.postgres()) }
    public static func toBroker() async throws -> TCPProxy { try TCPProxy(url: try TestServers.amqp()) }

    /// - Parameter url: of the server behind the proxy, with host and port.
    public init(url: String) throws {
        guard var parts = URLComponents(string: url), let host = parts.host, let port = parts.port else {
            throw ProxyError(description: "the server's URL needs a host and a port")
        }
        state = Mutex(State(target: (host, port)))
        parts.host = "127.0.0.1"
        parts.port = nil
        urlTemplate = (parts.string ?? "").replacingOccurrences(of: "127.0.0.1", with: "127.0.0.1:{port}")
        (listener, self.port) = try Self.listen()
        let thread = Thread { [self] in accept() }
        thread.start()
    }

    /// The next bytes from a client reach the server; the connection is reset before the answer passes.
    /// - Parameter goingDown: nothing passes after that, until `restore`.
    public func cutNextAnswer(goingDown: Bool = false) {
        state.withLock { state in
            state.cutAfterRequest = true
            state.downAfterCut = goingDown
        }
    }
    /// Connections cut by `cutNextAnswer`.
    public var cuts: Int { state.withLock { $0.cuts } }

    /// Resets every connection; new ones are refused until `restore`.
    public func down() {
        state.withLock { state in
            state.isDown = true
            for socket in state.sockets { Self.reset(socket) }
        }
    }
    public func restore() { state.withLock { $0.isDown = false } }

    public func stop() async {
        down()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// Whether a server could listen on a loopback port.
    static func isFree(_ port: Int) -> Bool {
        guard let (socket, _) = try? listen(port: port) else { return false }
        close(socket)
        return true
    }

    private static func listen(port: Int = 0) throws -> (Int32, Int) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(socket, pointer, length) == 0 && Glibc.listen(socket, 64) == 0 && getsockname(socket, pointer, &length) == 0
            }
        }
        guard bound else {
            close(socket)
            throw ProxyError(description: "no port for a proxy")
        }
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0 { break }
            guard !state.withLock({ $0.isDown }), let server = connectToTarget() else {
                Self.reset(client)
                close(client)
                continue
            }
            state.withLock { $0.sockets.formUnion([client, server]) }
            Thread { [self] in relay(client, server) }.start()
        }
        close(listener)
    }

    private func connectToTarget() -> Int32? {
        let (host, port) = state.withLock { $0.target }
        let server = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = inet_addr(host == "localhost" ? "127.0.0.1" : host)
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if connected { return server }
        close(server)
        return nil
    }

    private func relay(_ client: Int32, _ server: Int32) {
        var one: Int32 = 1
        for socket in [client, server] { setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var sockets = [
            pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0),
        ]
        var requested = false
        loop: while poll(&sockets, 2, -1) > 0 {
            for (from, to) in [(0, server), (1, client)] where sockets[from].revents != 0 {
                let count = read(sockets[from].fd, &buffer, buffer.count)
                if count <= 0 { break loop }
                if from == 1, requested, state.withLock({ $0.cutAfterRequest }) {
                    // The server has answered, so it has done its work.
                    state.withLock {
                        $0.cutAfterRequest = false
                        $0.cuts += 1
                        if $0.downAfterCut { $0.isDown = true }
                    }
                    Self.reset(client)
                    break loop
                }
                if from == 0 { requested = true }
                var sent = 0
                while sent < count {
                    let written = buffer.withUnsafeBytes {
                        send(to, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
                    }
                    if written <= 0 { break loop }
                    sent += written
                }
            }
        }
        state.withLock { $0.sockets.subtract([client, server]) }
        close(client)
        close(server)
    }

    /// The peer sees a reset, not a goodbye.
    private static func reset(_ socket: Int32) {
        var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }
}

public struct ProxyError: Error, CustomStringConvertible {
    public let description: String
}
