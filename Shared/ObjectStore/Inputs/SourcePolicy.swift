internal import Foundation

/// From where inputs may be fetched over HTTP. Nothing is allowed that is not listed.
public struct SourcePolicy: Sendable, Equatable {
    /// `example.org`, `example.org:8443`, or `*.example.org` for every name below.
    public var hosts: [String]
    /// Private, loopback and link-local addresses may be connected to; for tests.
    var allowsPrivateAddresses = false

    public init(hosts: [String]) { self.hosts = hosts.map { $0.lowercased() } }

    /// What `SANITIZER_ALLOWED_HOSTS` lists, separated by commas.
    public static var environment: SourcePolicy {
        let text = ProcessInfo.processInfo.environment["SANITIZER_ALLOWED_HOSTS"] ?? ""
        return SourcePolicy(
            hosts: text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty })
    }

    /// - Parameter port: nil for the scheme's own.
    func allows(host: String, port: Int?) -> Bool {
        let host = host.lowercased()
        return hosts.contains { entry in
            let sides = entry.split(separator: ":", maxSplits: 1)
            let name = sides.first.map(String.init) ?? ""
            let isPort = sides.count == 2 ? Int(sides[1]) == port : port == nil
            guard isPort else { return false }
            return name.hasPrefix("*.") ? host.hasSuffix(name.dropFirst()) && host.count > name.count - 1 : host == name
        }
    }
}
