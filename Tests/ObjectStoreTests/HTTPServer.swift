import Foundation

/// Answers HTTP requests on loopback; one connection at a time.
final class HTTPServer: @unchecked Sendable {
    let port: Int
    private let listener: Int32
    private let answer: @Sendable (String) -> String

    /// - Parameter answers: path to the whole answer; `%PORT` becomes the port.
    convenience init(_ answers: [String: String]) throws {
        try self.init { request in answers[String(request.split(separator: " ").dropFirst().first ?? "")] ?? Self.notFound }
    }

    /// - Parameter answer: request to the whole answer; `%PORT` becomes the port.
    init(answer: @escaping @Sendable (String) -> String) throws {
        self.answer = answer
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        listener = socket
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) }
        }
        var actual = sockaddr_in()
        var length = size
        let named = withUnsafeMutablePointer(to: &actual) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
        }
        guard bound == 0, named == 0, listen(socket, 8) == 0 else { throw CocoaError(.fileReadUnknown) }
        port = Int(UInt16(bigEndian: actual.sin_port))
        Thread.detachNewThread { [self] in serve() }
    }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                close(listener)
                return
            }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let n = read(client, &buffer, buffer.count)
            let answer = answer(String(decoding: buffer[0..<max(0, n)], as: UTF8.self))
            let bytes = Array(answer.replacingOccurrences(of: "%PORT", with: "\(port)").utf8)
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
    }

    static let notFound = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    static func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }
    static func redirect(_ location: String) -> String {
        "HTTP/1.1 302 Found\r\nLocation: \(location)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    }
}
