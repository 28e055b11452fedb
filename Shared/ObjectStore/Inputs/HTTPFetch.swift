internal import CFetch
internal import Domain
internal import Foundation
internal import Tabular

/// Fetches a file over HTTP into a sink. Redirects are followed only to hosts of the policy; addresses that are not public are
/// refused when the connection is made, whatever the name resolved to before.
enum HTTPFetch {
    private static let mostRedirects = 5

    static func get(_ address: String, policy: SourcePolicy, limit: Int64, into sink: any ByteSink) throws {
        var address = address
        for _ in 0...mostRedirects {
            try check(address, policy)
            let (status, location) = try once(address, policy, limit, sink)
            switch status {
            case 200...299: return
            case 301, 302, 303, 307, 308:
                guard !location.isEmpty else {
                    throw SanitizerError(.inputUnreadable, "\(shown(address)): a redirect (\(status)) to nowhere")
                }
                address = location
            case 404, 410: throw SanitizerError(.inputMissing, "\(shown(address)): no such file (\(status)), check the address")
            default:
                throw SanitizerError(
                    .inputUnreadable, "\(shown(address)): the server answered \(status)",
                    isRetryable: status >= 500 || status == 429)
            }
        }
        throw SanitizerError(.inputUnreadable, "\(shown(address)): more than \(mostRedirects) redirects")
    }

    private static func check(_ address: String, _ policy: SourcePolicy) throws {
        guard let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme?.lowercased()), parts.user == nil, parts.password == nil
        else {
            throw SanitizerError(.inputUnreadable, "\(shown(address)): not an http address without a password")
        }
        guard policy.allows(host: host, port: parts.port) else {
            throw SanitizerError(
                .inputUnreadable,
                "\(shown(address)): the host \(host) is not allowed; add it with --allow-host or SANITIZER_ALLOWED_HOSTS")
        }
    }

    /// Without query and fragment: they may hold secrets.
    private static func shown(_ address: String) -> String { String(address.prefix { $0 != "?" && $0 != "#" }.prefix(300)) }

    private final class Receiver {
        let sink: any ByteSink
        var failure: (any Error)?
        init(_ sink: any ByteSink) { self.sink = sink }
    }

    private static func once(_ address: String, _ policy: SourcePolicy, _ limit: Int64, _ sink: any ByteSink) throws
        -> (status: Int, location: String)
    {
        let receiver = Receiver(sink)
        var answer = cfetch_answer()
        let outcome = address.withCString { url in
            var request = cfetch_request(
                url: url, max_bytes: limit, allow_private: policy.allowsPrivateAddresses ? 1 : 0,
                context: Unmanaged.passUnretained(receiver).toOpaque(),
                write: { context, bytes, count in
                    guard let context, let bytes else { return 1 }
                    let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                    do {
                        try receiver.sink.write(UnsafeRawBufferPointer(start: bytes, count: count))
                        return 0
                    } catch {
                        receiver.failure = error
                        return 1
                    }
                })
            return Int(cfetch_get(&request, &answer))
        }
        if let failure = receiver.failure { throw failure }
        switch outcome {
        case CFETCH_OK: return (answer.status, text(of: &answer.location))
        case CFETCH_REFUSED:
            throw SanitizerError(.inputUnreadable, "\(shown(address)): its address is not one of the public internet, refused")
        case CFETCH_TOO_LARGE:
            throw SanitizerError(
                .limitExceeded, "\(shown(address)): larger than \(limit) bytes; raise the limit fetched_bytes if that is meant")
        default:
            throw SanitizerError(
                .dependencyUnavailable, "\(shown(address)): cannot fetch: \(text(of: &answer.error).lowercased())",
                isRetryable: true)
        }
    }

    private static func text<T>(_ field: UnsafePointer<T>) -> String {
        field.withMemoryRebound(to: CChar.self, capacity: MemoryLayout<T>.size) { String(cString: $0) }
    }
    private static func text<T>(of field: inout T) -> String { withUnsafePointer(to: &field) { text($0) } }
}
