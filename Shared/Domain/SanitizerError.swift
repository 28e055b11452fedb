/// A failure that ends a command or a job: what went wrong, where, and what to do.
///
/// Bad records are never errors: they are values (``RowProblem``).
public struct SanitizerError: Error, Sendable, CustomStringConvertible {
    /// Machine-readable reason; also the `code` of HTTP problems and of failed jobs.
    public enum Code: String, Codable, Sendable, CaseIterable {
        case inputMissing = "input_missing"
        case inputEmpty = "input_empty"
        case inputUnreadable = "input_unreadable"
        case formatUnknown = "format_unknown"
        case formatUnsupported = "format_unsupported"
        case recipeInvalid = "recipe_invalid"
        case limitExceeded = "limit_exceeded"
        case outputExists = "output_exists"
        case outputUnwritable = "output_unwritable"
        case preflightRefused = "preflight_refused"
        case conservationViolated = "conservation_violated"
        case digestMismatch = "digest_mismatch"
        case cancelled = "cancelled"
        case attemptsExhausted = "attempts_exhausted"
        case dependencyUnavailable = "dependency_unavailable"
        case corruptIntermediate = "corrupt_intermediate"
        case `internal` = "internal"
    }

    public var code: Code
    /// One line, lower case, no full stop: what, where, what to do.
    public var message: String
    /// True when the same attempt may succeed later (a lost connection, a full disk that is being freed).
    public var isRetryable: Bool

    public init(_ code: Code, _ message: String, isRetryable: Bool = false) {
        self.code = code
        self.message = Self.singleLine(message)
        self.isRetryable = isRetryable
    }

    /// Names of files and of members of archives may hold anything: line ends and other control characters are written as escapes.
    private static func singleLine(_ message: String) -> String {
        guard message.unicodeScalars.contains(where: isControl) else { return message }
        var out = ""
        for c in message.unicodeScalars {
            if isControl(c) { out += c.escaped(asASCII: true) } else { out.unicodeScalars.append(c) }
        }
        return out
    }
    private static func isControl(_ c: Unicode.Scalar) -> Bool {
        [.control, .lineSeparator, .paragraphSeparator].contains(c.properties.generalCategory)
    }

    public var description: String { message }

    /// Exit code of the command line: 1 failed, 2 bad usage, 3 refused by pre-flight.
    public var exitCode: Int32 {
        switch code {
        case .recipeInvalid, .outputExists: 2
        case .preflightRefused: 3
        default: 1
        }
    }
}

/// A problem of one record, carried as a value: the record was repaired or rejected, the run goes on.
public struct RowProblem: Sendable, Equatable {
    public enum Code: String, Codable, Sendable, CaseIterable {
        /// More or fewer cells than columns; repaired by alignment.
        case ragged
        /// A stray, missing or unbalanced quote; repaired.
        case brokenQuote = "broken_quote"
        /// Bytes that are not valid in the encoding; decoded as Windows-1252.
        case badEncoding = "bad_encoding"
        case nulByte = "nul_byte"
        /// Larger than the record or field limit.
        case tooLarge = "too_large"
        /// Not a JSON value, or not an object.
        case malformed
        case preamble
        case footnote
        case undecodable
    }
    public var code: Code
    /// True: the record is not part of the table and counts as rejected. False: it was repaired and kept.
    public var isReject: Bool
    /// 0-based ordinal of the record inside its chunk; rejected records are counted too. -1 for lines that are no records (preamble, footnote).
    public var record: Int
    /// 1-based physical line in the decoded input.
    public var line: Int
    /// 0-based byte offset in the decoded input.
    public var byteOffset: Int64
    public var reason: String
    /// The original bytes, cut at 64 KiB, as text (invalid sequences as Windows-1252).
    public var raw: String

    public init(
        code: Code, isReject: Bool, record: Int, line: Int, byteOffset: Int64, reason: String, raw: String
    ) {
        self.code = code
        self.isReject = isReject
        self.record = record
        self.line = line
        self.byteOffset = byteOffset
        self.reason = reason
        self.raw = raw
    }
}
