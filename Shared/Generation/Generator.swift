public import Domain
import Foundation
import Formats
import Synchronization
import Tabular

/// What to make up, and where to put it.
public struct GenerationOptions: Sendable {
    public var scenario = Scenario.customers
    public var rows: Int
    public var seed: UInt64 = 1
    public var formats: [OutputFormat] = [.csv]
    /// Created when missing.
    public var directory: String
    public var truth = TruthDetail.full
    /// Replace files that are there.
    public var overwrite = false
    /// At least 1; the bytes do not depend on it.
    public var threads = max(1, ProcessInfo.processInfo.activeProcessorCount)

    public init(rows: Int, directory: String) {
        self.rows = rows
        self.directory = directory
    }
}

/// One file that was written.
public struct GeneratedFile: Sendable, Equatable {
    public var path: String
    public var bytes: Int64

    init(path: String) throws {
        self.path = path
        bytes = try FileSource(path: path).size
    }
}

/// Makes up dirty tables whose every fault is known.
///
/// Row `i` is a pure function of (scenario, seed, i), so duplicates of far-away rows need no memory, blocks are made in parallel and
/// the same seed gives the same bytes for any number of threads.
public enum Generator {
    /// Rows per block; also the row group of Parquet files.
    static let blockRows = 65_536

    /// Writes `SCENARIO.FORMAT` for every format, and the truth: `SCENARIO.truth.json`, `SCENARIO.duplicates.csv` and
    /// `SCENARIO.cells.csv`. Blocks; memory does not grow with the number of rows.
    ///
    /// - Parameter progress: called with the rows written so far of all formats together and their total.
    /// - Throws: ``SanitizerError`` when a file exists or cannot be written; then none of the files of that format is left behind.
    @discardableResult
    public static func run(
        _ options: GenerationOptions, progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) throws -> [GeneratedFile] {
        let base = options.directory + "/" + options.scenario.rawValue
        let truthFiles = (json: base + ".truth.json", pairs: base + ".duplicates.csv", cells: base + ".cells.csv")
        var paths = options.formats.map { base + "." + $0.rawValue } + [truthFiles.json]
        if options.truth != .summary { paths.append(truthFiles.pairs) }
        if options.truth == .full { paths.append(truthFiles.cells) }
        try prepare(directory: options.directory, paths: paths, overwrite: options.overwrite)

        var files: [GeneratedFile] = []
        for (number, format) in options.formats.enumerated() {
            let before = number * options.rows
            let data = try FileSink(path: base + "." + format.rawValue)
            let pairs = number == 0 && options.truth != .summary ? try FileSink(path: truthFiles.pairs) : nil
            let cells = number == 0 && options.truth == .full ? try FileSink(path: truthFiles.cells) : nil
            let sinks = [data, pairs, cells].compactMap { $0 }
            do {
                try pairs?.write(TruthBlock.pairsHeader)
                try cells?.write(TruthBlock.cellsHeader)
                let writer = try TableWriter(options: options, format: format, sink: data)
                let counts = try BlockLoop(options: options, writer: writer, pairs: pairs, cells: cells).run {
                    progress(before + $0, options.rows * options.formats.count)
                }
                try writer.finish()
                if number == 0 {
                    let summary = try FileSink(path: truthFiles.json)
                    try summary.write(truthSummary(options, counts))
                    try summary.close()
                    files.append(try GeneratedFile(path: summary.path))
                }
                for sink in sinks where sink !== data { try sink.close() }
            } catch {
                for sink in sinks { sink.abort() }
                throw error
            }
            files += try sinks.map { try GeneratedFile(path: $0.path) }
        }
        return files
    }

    /// The table as bytes in memory, for tests and small samples.
    public static func csv(_ scenario: Scenario, rows: Int, seed: UInt64) -> [UInt8] {
        let maker = RowMaker(scenario: scenario, seed: seed)
        let out = ByteArena(capacity: 256 * max(rows, 1))
        out.append(CSVRowEncoder.header(maker.columns))
        let encoder = CSVRowEncoder()
        for row in 0..<rows {
            maker.make(row)
            encoder.append(row: row, maker: maker, to: out)
        }
        return Array(UnsafeBufferPointer(start: out.base, count: out.count))
    }

    /// The duplicates among the first `rows` rows, in order.
    public static func duplicates(_ scenario: Scenario, rows: Int, seed: UInt64) -> [(row: Int, of: Int, kind: RowKind)] {
        let maker = RowMaker(scenario: scenario, seed: seed)
        return (0..<rows).compactMap { row in
            maker.make(row)
            return maker.buffer.kind == .original ? nil : (row, maker.buffer.source, maker.buffer.kind)
        }
    }

    private static func prepare(directory: String, paths: [String], overwrite: Bool) throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw SanitizerError(.outputUnwritable, "cannot create directory \(directory): \(error.localizedDescription)")
        }
        if !overwrite, let there = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) {
            throw SanitizerError(.outputExists, "\(there) exists: choose another --output-dir, or replace it with --force")
        }
    }

    private static func truthSummary(_ options: GenerationOptions, _ counts: TruthCounts) -> String {
        let columns = options.scenario.columns
        let cells = Corruption.allCases.dropFirst().map { "    \"\($0.name)\": \(counts.cells[Int($0.rawValue)])" }
        let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            {
              "version": 1,
              "scenario": "\(options.scenario.rawValue)",
              "seed": \(options.seed),
              "rows": \(options.rows),
              "columns": [\(names)],
              "exact_duplicates": \(counts.exact),
              "near_duplicates": \(counts.near),
              "corrupted_cells": {
            \(cells.joined(separator: ",\n"))
              }
            }

            """
    }
}

/// Makes blocks on several threads and writes them in order; at most one finished block per thread is held.
private final class BlockLoop: @unchecked Sendable {
    // @unchecked: the files are written by the thread whose turn it is.
    private struct State {
        var nextBlock = 0
        var nextToWrite = 0
        var counts = TruthCounts()
        var failure: (any Error)?
    }
    private let options: GenerationOptions
    private let writer: TableWriter
    private let pairs: FileSink?
    private let cells: FileSink?
    private let state = Mutex(State())
    private let turn = NSCondition()

    init(options: GenerationOptions, writer: TableWriter, pairs: FileSink?, cells: FileSink?) {
        self.options = options
        self.writer = writer
        self.pairs = pairs
        self.cells = cells
    }

    func run(progress: @escaping @Sendable (Int) -> Void) throws -> TruthCounts {
        let blocks = (options.rows + Generator.blockRows - 1) / Generator.blockRows
        DispatchQueue.concurrentPerform(iterations: max(1, min(options.threads, blocks))) { _ in
            work(blocks: blocks, progress: progress)
        }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.counts
        }
    }

    private func work(blocks: Int, progress: (Int) -> Void) {
        let maker = RowMaker(scenario: options.scenario, seed: options.seed)
        var truth = TruthBlock(columns: maker.columns, detail: pairs == nil && cells == nil ? .summary : options.truth)
        let block = writer.makeBlock(maker: maker)
        while let number = state.withLock({ state -> Int? in
            guard state.nextBlock < blocks, state.failure == nil else { return nil }
            defer { state.nextBlock += 1 }
            return state.nextBlock
        }) {
            let first = number * Generator.blockRows
            let end = min(options.rows, first + Generator.blockRows)
            truth.removeAll()
            block.begin()
            for row in first..<end {
                maker.make(row)
                block.append(row)
                truth.append(row: row, maker.buffer)
            }
            let encoded = Result { try block.finish() }
            waitForTurn(number)
            do {
                try writer.write(try encoded.get())
                try pairs?.write(truth.pairs.contents)
                try cells?.write(truth.cells.contents)
                state.withLock { $0.counts += truth.counts }
            } catch {
                state.withLock { if $0.failure == nil { $0.failure = error } }
            }
            pass()
            progress(end)
        }
    }

    private func waitForTurn(_ block: Int) {
        turn.lock()
        while state.withLock({ $0.nextToWrite }) != block { turn.wait() }
        turn.unlock()
    }
    private func pass() {
        turn.lock()
        state.withLock { $0.nextToWrite += 1 }
        turn.broadcast()
        turn.unlock()
    }
}
