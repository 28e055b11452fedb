import Foundation
import ServiceKit

/// A TCP relay to a server, which a test can take down and bring up again.
final class Forwarder: @unchecked Sendable {  // the state is behind a lock; each thread owns its copy of the descriptors
    private struct State {
        var listener: Int32 = -1
        var open: Set<Int32> = []
    }
    let port: Int
    private let target: sockaddr_in
    private let state = Locked(State())

    /// Takes a free port; nobody answers there before ``up()``.
    init(host: String, port targetPort: Int) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(targetPort).bigEndian
        address.sin_addr.s_addr = inet_addr(host == "localhost" ? "127.0.0.1" : host)
        target = address
        let probe = try Self.listen(on: 0)
        port = probe.port
        close(probe.descriptor)
    }

    func up() throws {
        let listener = try Self.listen(on: port).descriptor
        state.withLock { $0.listener = listener }
        let thread = Thread { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                forward(client)
            }
        }
        thread.start()
    }

    /// Refuses new connections and cuts those that are open.
    func down() {
        state.withLock { state in
            shutdown(state.listener, Int32(SHUT_RDWR))
            close(state.listener)
            state.listener = -1
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func forward(_ client: Int32) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = target
        let ok = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard ok == 0 else {
            close(client)
            close(server)
            return
        }
        state.withLock { $0.open.formUnion([client, server]) }
        // The one that ends last closes both.
        let left = Locked(2)
        for (from, to) in [(client, server), (server, client)] {
            Thread { [self] in
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while true {
                    let n = recv(from, &buffer, buffer.count, 0)
                    guard n > 0, Glibc.send(to, buffer, n, Int32(MSG_NOSIGNAL)) == n else { break }
                }
                shutdown(to, Int32(SHUT_RDWR))
                let isLast = left.withLock { left in
                    left -= 1
                    return left == 0
                }
                if isLast {
                    state.withLock { $0.open.subtract([client, server]) }
                    close(client)
                    close(server)
                }
            }.start()
        }
    }

    private static func listen(on port: Int) throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let ok = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard ok else { throw ServiceProcess.Failure(description: "cannot listen: \(errno)") }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }
}
