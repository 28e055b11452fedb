import Foundation

/// A value that must not be printed: its description and reflection say only that it is set.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public let value: String
    public init(_ value: String) { self.value = value }
    public var description: String { value.isEmpty ? "(not set)" : "(set)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// What is known about one environment variable; printed by `--help` and by ``SettingsError``.
public struct SettingDescription: Sendable, Equatable {
    public var name: String
    public var type: String
    public var defaultValue: String?
    public var range: String
    public var isSecret: Bool
    public var summary: String
}

/// Wrong or missing settings: every problem at once, one per line.
public struct SettingsError: Error, CustomStringConvertible, Sendable {
    public var problems: [String]
    public var description: String { problems.joined(separator: "\n") }
}

/// Reads typed settings from environment variables, remembers what it read (for `--help`) and what was wrong.
///
/// A secret may also come from a file named by `<NAME>_FILE`, so that it never shows in a process list.
public struct SettingsReader {
    public private(set) var descriptions: [SettingDescription] = []
    public private(set) var problems: [String] = []
    private let environment: [String: String]

    public init(environment: [String: String] = ProcessInfo.processInfo.environment) { self.environment = environment }

    /// - Throws: ``SettingsError`` with all problems found so far.
    public func validate() throws {
        if !problems.isEmpty { throw SettingsError(problems: problems) }
    }

    public mutating func text(
        _ name: String, default defaultValue: String?, _ summary: String, range: String = "any text",
        isValid: (String) -> Bool = { _ in true }
    ) -> String {
        describe(name, "text", defaultValue, range, false, summary)
        return value(name, defaultValue, range, isSecret: false) { isValid($0) ? $0 : nil } ?? ""
    }

    public mutating func secret(
        _ name: String, default defaultValue: String?, _ summary: String, range: String = "any text",
        isValid: (String) -> Bool = { _ in true }
    ) -> Secret {
        describe(name, "text", defaultValue, range, true, summary)
        return Secret(value(name, defaultValue, range, isSecret: true) { isValid($0) ? $0 : nil } ?? "")
    }

    public mutating func integer(
        _ name: String, default defaultValue: Int, in range: ClosedRange<Int>, _ summary: String
    ) -> Int {
        let words = "\(range.lowerBound) to \(range.upperBound)"
        describe(name, "integer", String(defaultValue), words, false, summary)
        return value(name, String(defaultValue), words, isSecret: false) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } ?? defaultValue
    }

    /// Whole seconds.
    public mutating func seconds(
        _ name: String, default defaultValue: Int, in range: ClosedRange<Int>, _ summary: String
    ) -> Duration {
        .seconds(integer(name, default: defaultValue, in: range, summary + ", in seconds"))
    }

    /// Bytes with an optional unit: `512MiB`, `1GB`, `4096`.
    public mutating func bytes(_ name: String, default defaultValue: String, atLeast least: Int, _ summary: String) -> Int {
        let words = "a size such as 512MiB, 2GB or 4096, at least \(least)"
        describe(name, "bytes", defaultValue, words, false, summary)
        return value(name, defaultValue, words, isSecret: false) { text in
            ByteSize.parse(text).flatMap { $0 >= least ? $0 : nil }
        } ?? least
    }

    /// Comma-separated; empty means none.
    public mutating func list(_ name: String, default defaultValue: String, _ summary: String) -> [String] {
        describe(name, "list", defaultValue, "comma-separated", false, summary)
        let text = value(name, defaultValue, "", isSecret: false) { $0 } ?? ""
        return text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private mutating func describe(
        _ name: String, _ type: String, _ defaultValue: String?, _ range: String, _ isSecret: Bool, _ summary: String
    ) {
        descriptions.append(
            SettingDescription(
                name: name, type: type, defaultValue: defaultValue, range: range, isSecret: isSecret, summary: summary))
    }

    private mutating func value<T>(
        _ name: String, _ defaultValue: String?, _ range: String, isSecret: Bool, parse: (String) -> T?
    ) -> T? {
        guard let text = raw(name, isSecret: isSecret) ?? defaultValue else {
            problems.append("\(name) is not set: it must be \(range)" + (isSecret ? " (or name a file in \(name)_FILE)" : ""))
            return nil
        }
        guard let parsed = parse(text) else {
            problems.append("\(name) must be \(range)" + (isSecret ? "" : ", not '\(text)'"))
            return nil
        }
        return parsed
    }

    private mutating func raw(_ name: String, isSecret: Bool) -> String? {
        if let direct = environment[name], !direct.isEmpty { return direct }
        guard isSecret, let path = environment[name + "_FILE"], !path.isEmpty else { return nil }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8)
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        } catch {
            problems.append("\(name)_FILE: cannot read '\(path)': check that it exists and is readable")
            return ""
        }
    }
}

/// Sizes written by people: `512MiB`, `2 GB`, `4096`.
public enum ByteSize {
    private static let units: [(String, Int)] = [
        ("kib", 1 << 10), ("mib", 1 << 20), ("gib", 1 << 30), ("tib", 1 << 40),
        ("kb", 1_000), ("mb", 1_000_000), ("gb", 1_000_000_000), ("tb", 1_000_000_000_000), ("b", 1),
    ]

    /// The number of bytes, nil when the text is no size or too large for 64 bits.
    public static func parse(_ text: String) -> Int? {
        var digits = text.lowercased().trimmingCharacters(in: .whitespaces)
        var factor = 1
        if let (unit, n) = units.first(where: { digits.hasSuffix($0.0) }) {
            digits = String(digits.dropLast(unit.count)).trimmingCharacters(in: .whitespaces)
            factor = n
        }
        guard let n = Int(digits), n >= 0 else { return nil }
        let (product, overflow) = n.multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}
