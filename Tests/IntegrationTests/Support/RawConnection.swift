import Foundation

/// A TCP connection that can be left in the middle of a request.
final class RawConnection {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let ok = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard ok == 0 else { throw ServiceProcess.Failure(description: "cannot connect: \(errno)") }
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let n = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard n > 0 else { throw ServiceProcess.Failure(description: "cannot send: \(errno)") }
            sent += n
        }
    }
    func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// What arrives until the peer closes, or `bytes` are there.
    func receive(atMost bytes: Int = 65_536) -> String {
        var buffer = [UInt8](repeating: 0, count: bytes)
        let n = recv(descriptor, &buffer, bytes, 0)
        return String(decoding: buffer.prefix(max(0, n)), as: UTF8.self)
    }

    /// Ends the connection at once: with a reset when `reset`, else as a client that exits.
    func leave(reset: Bool) {
        if reset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        close(descriptor)
    }
}
