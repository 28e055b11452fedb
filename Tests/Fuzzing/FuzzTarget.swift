import Domain
import Formats
import Foundation
import Pipeline
import Tabular

/// What the fuzzer feeds. `FUZZ_TARGET` chooses one; a finding is a crash, a sanitizer's report, a hang, or a broken promise.
enum FuzzTarget: String, CaseIterable {
    case sniffer, csv, json, parquet, sheet, recipe, message, multipart

    static let chosen: FuzzTarget = {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let target = FuzzTarget(rawValue: name) else {
            fatalError("FUZZ_TARGET must be one of \(allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return target
    }()

    func run(_ bytes: [UInt8]) throws {
        switch self {
        case .sniffer:
            for name in ["a.csv", "a.json", "a"] { _ = try Self.refusing { try Self.detect(bytes, name, nil) } }
        case .csv: try Self.table(bytes, "a.csv", .csv)
        case .json: try Self.table(bytes, "a.json", bytes.count % 2 == 0 ? .json : .jsonl)
        case .parquet: try Self.table(Array("PAR1".utf8) + bytes, "a.parquet", .parquet)
        case .sheet: try Self.table(SheetParts.archive(bytes), "a.xlsx", nil)
        case .recipe: _ = try Self.refusing { try RecipeFile.load(text: String(decoding: bytes, as: UTF8.self), name: "r") }
        case .message: _ = Self.message(bytes)
        case .multipart: Self.multipart(bytes)
        }
    }

    /// Errors of the product are answers, not findings.
    private static func refusing<T>(_ body: () throws -> T) throws -> T? {
        do {
            return try body()
        } catch let error as SanitizerError {
            precondition(error.code != .internal && error.code != .corruptIntermediate, "not the input's fault: \(error.message)")
            precondition(!error.message.contains("\n"), "an error of several lines: \(error.message)")
            return nil
        }
    }

    private static func options(_ format: InputFormat?) -> InputOptions {
        var options = InputOptions()
        options.format = format
        var limits = InputLimits()
        limits.unpackedBytes = 4 << 20
        limits.recordBytes = 16 << 10
        limits.columns = 512
        limits.sharedTextBytes = 1 << 20
        options.limits = limits
        return options
    }

    private static func detect(_ bytes: [UInt8], _ name: String, _ format: InputFormat?) throws -> Detection {
        try Sniffer.detect(MemorySource(bytes), name: name, options: options(format))
    }

    /// Reads a table in chunks of two sizes: records must be the same.
    private static func table(_ bytes: [UInt8], _ name: String, _ format: InputFormat?) throws {
        _ = try refusing {
            var source = MemorySource(bytes)
            var options = options(format)
            var isTrusted = false
            var detection = try Sniffer.detect(source, name: name, options: options)
            for _ in 0..<Staging.mostSteps where detection.needsStaging {
                let sink = MemorySink()
                try Staging.write(detection, from: source, to: sink, options: options)
                source = MemorySource(sink.bytes)
                isTrusted = Staging.isSheet(detection)
                options = Staging.optionsBehind(detection, options)
                detection = try Sniffer.detect(source, name: detection.member ?? name, options: options, isTrusted: isTrusted)
            }
            guard !detection.needsStaging else { return }
            let reader = try Readers.open(detection, source)
            let whole = try read(reader, 1 << 20)
            if detection.format == .csv || detection.format == .jsonl {
                let pieces = try read(reader, 200)
                if let at = difference(pieces, whole) {
                    fatalError("records depend on how the input is cut: \(at)")
                }
            }
        }
    }

    /// The first difference, nil when there is none.
    private static func difference(_ a: [String], _ b: [String]) -> String? {
        let at = zip(a, b).prefix { $0 == $1 }.count
        guard at < max(a.count, b.count) else { return nil }
        return "\(at): \(at < a.count ? a[at] : "nothing") in pieces, \(at < b.count ? b[at] : "nothing") in one piece"
    }

    /// The rows, and behind them the problems.
    private static func read(_ reader: any TableReader, _ target: Int) throws -> [String] {
        var rows: [String] = []
        var problems: [String] = []
        for chunk in try reader.planChunks(targetBytes: target).prefix(4096) {
            let batch = try reader.read(chunk, maxRows: nil)
            for row in 0..<batch.rows {
                rows.append((0..<batch.columns).map { batch.string(row, $0).map { "=\($0)" } ?? "-" }.joined(separator: "|"))
            }
            problems += batch.problems.map { "\($0.code) \($0.line) \($0.byteOffset) \($0.reason)" }
        }
        return rows + problems
    }
}

extension FuzzTarget {
    fileprivate static func message(_ bytes: [UInt8]) -> TaskMessage? {
        do {
            return try TaskMessage.decode(bytes)
        } catch {
            precondition(!error.reason.isEmpty)
            return nil
        }
    }

    /// The first byte says how the body is cut: the events must be the same as for the whole.
    fileprivate static func multipart(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        precondition(events(body, step: Int(first) + 1) == events(body, step: max(1, body.count)), "events depend on the cut")
    }

    /// What the parser reports, data joined; an error ends the list.
    private static func events(_ body: [UInt8], step: Int) -> [String] {
        var out: [String] = []
        var data: [UInt8] = []
        do {
            var parser = try MultipartParser(boundary: "b")
            func note(_ event: MultipartParser.Event) {
                switch event {
                case .begin(let part): out.append("begin \(part)")
                case .data(let bytes): data += bytes
                case .end:
                    out.append("end \(data)")
                    data = []
                }
            }
            for at in stride(from: 0, to: body.count, by: step) {
                try body[at..<min(at + step, body.count)].withUnsafeBytes { try parser.feed($0, note) }
            }
            try parser.finish()
        } catch {
            out.append("\(error)")
        }
        return out
    }
}

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<Int32>, _ arguments: UnsafeMutablePointer<Arguments?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The package manager calls an executable's main function by this name; it hands over to libFuzzer.
///
/// - Source: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
@_cdecl("Fuzz_main")
public func fuzzMain(_ count: Int32, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
    var count = count
    var arguments = arguments
    return runFuzzer(&count, &arguments, fuzzOneInput)
}

/// The entry point that libFuzzer calls.
///
/// - Source: https://llvm.org/docs/LibFuzzer.html
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    do {
        try FuzzTarget.chosen.run(bytes)
    } catch {
        fatalError("an error that is not the product's: \(error)")
    }
    return 0
}
