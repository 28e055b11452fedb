public import Domain
internal import Foundation
internal import Profiling
public import Tabular

/// Carries out the decisions on the kept rows of a normalised batch, in place. One per thread.
public final class Cleaner {
    private struct Column {
        var rewrites: RewriteTable?
        var imputed: [UInt8] = []
        var imputation: Transformation?
        var confidence: Float = 0
        var policy = OutlierPolicy.ignore
        var low = -Double.infinity
        var high = Double.infinity
        var isWhole = false
        var decimals = 0
        var hasFence = false
        var pii = PIIStrategy.report
        var label: [UInt8] = []
        var name: [UInt8] = []
        var check = CellCheck()
    }
    private let columns: [Column]
    private let voter: DependencyVoter
    private let rowRules: RowRuleChecker
    private let related: RelatedFiller
    private let hmacKey: [UInt8]

    /// What stands for a redacted value, for example `<EMAIL>`.
    public static func label(_ semantic: SemanticType) -> String {
        switch semantic {
        case .other, .freeText, .category, .quantity, .date, .identifier: "<REDACTED>"
        default: "<" + semantic.rawValue.uppercased() + ">"
        }
    }

    /// - Parameter hmacKey: the tenant's key for `hash` and `tokenize`.
    /// - Throws: ``SanitizerError`` (`recipe_invalid`) when a column needs the key and it is empty.
    public init(resolution: Resolution, hmacKey: [UInt8]) throws {
        self.hmacKey = hmacKey
        rowRules = RowRuleChecker(resolution)
        related = RelatedFiller(resolution)
        voter = DependencyVoter(
            resolution.dependencies.isEmpty ? DependencyModel() : try DependencyModel(decoding: Array(resolution.dependencies)))
        columns = try resolution.columns.map { c in
            if c.pii == .hash || c.pii == .tokenize, hmacKey.isEmpty {
                throw SanitizerError(.recipeInvalid, "column \(c.name): pii strategy \(c.pii.rawValue) needs a key, none is set")
            }
            var out = Column()
            if !c.rewrites.isEmpty { out.rewrites = RewriteTable(c.rewrites) }
            if let text = c.imputedText, c.imputation != .none {
                out.imputed = Array(text.utf8)
                out.imputation = c.imputation == .median ? .imputeMedian : c.imputation == .mean ? .imputeMean : .imputeMode
                out.confidence = Float(c.imputedConfidence)
            }
            out.policy = c.outliers
            if c.isNumeric, c.outliers != .ignore, let low = c.lowFence, let high = c.highFence {
                out.hasFence = true
                out.isWhole = c.type == .integer
                out.decimals = c.decimals ?? 0
                out.low = low
                out.high = high
            }
            out.check = CellCheck(c)
            out.pii = c.pii
            out.label = Array(Self.label(c.semantic).utf8)
            out.name = Array(c.name.utf8)
            return out
        }
    }

    /// Respells values, lets dependencies vote, then imputes, treats outliers and misfits, and protects personal data column by column.
    /// - Parameter rows: indices of the kept rows, ascending.
    public func clean(_ batch: TextBatch, rows: [Int], recorder: ChangeRecorder) {
        for c in columns.indices { if let table = columns[c].rewrites { unify(batch, rows, c, table, recorder) } }
        rowRules.split(batch, rows, recorder)
        rowRules.fill(batch, rows, recorder)
        repair(batch, rows, recorder)
        // A term that was repaired or filled may be what another one lacked.
        rowRules.fill(batch, rows, recorder)
        rowRules.check(batch, rows, recorder)
        // Guesses for all terms of a formula would not fit each other: one term is left to it.
        let held = rowRules.held(batch, rows)
        related.fill(batch, rows, except: held, recorder)
        var gaps = columns.indices.map { impute(batch, rows, $0, except: held, recorder) }
        if !held.isEmpty {
            rowRules.fill(batch, rows, recorder)
            related.fill(batch, rows, except: [], recorder)
            gaps = columns.indices.map { impute(batch, rows, $0, except: [], recorder) }
        }
        for c in columns.indices where columns[c].pii != .exclude {
            var missing = gaps[c]
            if !columns[c].check.isIdle { missing += inspect(batch, rows, c, recorder) }
            if columns[c].hasFence { missing += outliers(batch, rows, c, recorder) }
            if columns[c].pii != .report { protect(batch, rows, c, recorder) }
            recorder.noteMissing(column: c, missing)
        }
    }

    private func unify(_ batch: TextBatch, _ rows: [Int], _ c: Int, _ table: RewriteTable, _ recorder: ChangeRecorder) {
        for r in rows {
            let cell = batch.cell(r, c)
            if cell.isEmpty { continue }
            guard let hit = table.find(batch.bytes(cell)) else { continue }
            let rewrite = table.rewrites[hit]
            table.targets[hit].withUnsafeBufferPointer { to in
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, rewrite.transformation, confidence: Float(rewrite.confidence),
                    original: batch.bytes(cell), cleaned: to, isSuggestion: !rewrite.isApplied)
                if rewrite.isApplied { batch.cells[r &* batch.columns &+ c] = batch.store(to) }
            }
        }
    }

    /// What related columns say: repairs and fills above the threshold, suggestions below.
    private func repair(_ batch: TextBatch, _ rows: [Int], _ recorder: ChangeRecorder) {
        for proposal in voter.propose(batch, rows) {
            let at = batch.cells + (proposal.row &* batch.columns &+ proposal.column)
            let cell = batch.store(proposal.text)
            recorder.record(
                ordinal: batch.ordinals[proposal.row], column: proposal.column,
                proposal.isFill ? .dependencyFill : .dependencyRepair, confidence: Float(proposal.confidence),
                original: at.pointee.isEmpty ? nil : batch.bytes(at.pointee), cleaned: batch.bytes(cell),
                isSuggestion: !proposal.isApplied)
            if proposal.isApplied { at.pointee = cell }
        }
    }

    /// Flags or empties cells one by one. Returns how many cells were emptied.
    private func inspect(_ batch: TextBatch, _ rows: [Int], _ c: Int, _ recorder: ChangeRecorder) -> Int {
        var emptied = 0
        let check = columns[c].check
        for r in rows {
            let at = batch.cells + (r &* batch.columns &+ c)
            if at.pointee.isEmpty { continue }
            let bytes = batch.bytes(at.pointee)
            guard let doubt = check.doubt(bytes) else { continue }
            if doubt == .typeMisfit {
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, .typeMisfit, confidence: 0.9, original: bytes, cleaned: nil)
                at.pointee = .missing
                emptied &+= 1
            } else {
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, doubt, confidence: 0.9, original: bytes, cleaned: bytes,
                    isSuggestion: true)
            }
        }
        return emptied
    }

    /// Before outliers: a cell that is emptied there is not filled in the same run. Returns how many cells are missing then.
    private func impute(_ batch: TextBatch, _ rows: [Int], _ c: Int, except held: Set<Int>, _ recorder: ChangeRecorder) -> Int {
        var missing = 0
        let width = batch.columns
        for r in rows where batch.cells[r &* width &+ c].isEmpty { missing &+= 1 }
        guard missing > 0, let transformation = columns[c].imputation, columns[c].pii != .exclude else { return missing }
        columns[c].imputed.withUnsafeBufferPointer { text in
            var shared: Cell?
            for r in rows {
                let place = r &* batch.columns &+ c
                let at = batch.cells + place
                guard at.pointee.isEmpty, held.isEmpty || !held.contains(place) else { continue }
                let cell = shared ?? batch.store(text)
                shared = cell
                at.pointee = cell
                missing &-= 1
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, transformation, confidence: columns[c].confidence, original: nil,
                    cleaned: text)
            }
        }
        return missing
    }

    /// Returns how many cells were emptied.
    private func outliers(_ batch: TextBatch, _ rows: [Int], _ c: Int, _ recorder: ChangeRecorder) -> Int {
        let column = columns[c]
        var found = 0
        var emptied = 0
        for r in rows {
            let at = batch.cells + (r &* batch.columns &+ c)
            if at.pointee.isEmpty { continue }
            let bytes = batch.bytes(at.pointee)
            guard let p = bytes.baseAddress, let x = CanonicalText.parseDecimal(p, bytes.count), x < column.low || x > column.high
            else {
                continue
            }
            found &+= 1
            switch column.policy {
            case .ignore: break
            case .flag:
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, .outlier, confidence: 0.85, original: bytes, cleaned: bytes,
                    isSuggestion: true)
            case .null:
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, .outlierNull, confidence: 0.6, original: bytes, cleaned: nil)
                at.pointee = .missing
                emptied &+= 1
            case .clip:
                let fence = x < column.low ? column.low : column.high
                let moved = column.isWhole ? fence.rounded(x < column.low ? .up : .down) : fence
                let cell = batch.store(LooseNumber.text(moved, decimals: column.decimals))
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, .outlierClip, confidence: 0.6, original: bytes,
                    cleaned: batch.bytes(cell))
                at.pointee = cell
            }
        }
        recorder.noteOutliers(column: c, found)
        return emptied
    }

    private func protect(_ batch: TextBatch, _ rows: [Int], _ c: Int, _ recorder: ChangeRecorder) {
        let column = columns[c]
        for r in rows {
            let at = batch.cells + (r &* batch.columns &+ c)
            if at.pointee.isEmpty { continue }
            let original = batch.bytes(at.pointee)
            let text: [UInt8]
            let transformation: Transformation
            switch column.pii {
            case .report, .exclude: return
            case .redactSpans:
                guard let redacted = PersonalSpans.redact(original) else { continue }
                text = redacted
                transformation = .piiSpans
            case .redact:
                text = column.label
                transformation = .piiRedact
            case .hash:
                text = Array(Hex.encode(SHA256.hmac(key: hmacKey, UnsafeRawBufferPointer(original))).utf8)
                transformation = .piiHash
            case .tokenize:
                // The column is part of the message, so tokens of two columns cannot be compared.
                let message = column.name + [0] + Array(original)
                let mac = message.withUnsafeBytes { SHA256.hmac(key: hmacKey, $0) }
                text = Array(("tok_" + Hex.encode(mac.prefix(16))).utf8)
                transformation = .piiTokenize
                recorder.noteToken(String(decoding: text, as: UTF8.self), value: String(decoding: original, as: UTF8.self))
            }
            text.withUnsafeBufferPointer {
                recorder.record(
                    ordinal: batch.ordinals[r], column: c, transformation, confidence: 1, original: original, cleaned: $0)
                at.pointee = batch.store($0)
            }
        }
    }
}

/// Looks up values that are to be replaced.
private final class RewriteTable {
    let rewrites: [ColumnResolution.Rewrite]
    let targets: [[UInt8]]
    private let sources: [[UInt8]]
    private var slots: [Int32]
    private let mask: Int

    init(_ rewrites: [ColumnResolution.Rewrite]) {
        self.rewrites = rewrites
        targets = rewrites.map { Array($0.to.utf8) }
        sources = rewrites.map { Array($0.from.utf8) }
        var capacity = 16
        while capacity < rewrites.count * 4 { capacity *= 2 }
        mask = capacity - 1
        slots = Array(repeating: -1, count: capacity)
        for (i, source) in sources.enumerated() {
            var at = source.withUnsafeBufferPointer { Int(truncatingIfNeeded: Hash.h64($0)) } & mask
            while slots[at] >= 0 { at = (at + 1) & mask }
            slots[at] = Int32(i)
        }
    }
    func find(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = Int(truncatingIfNeeded: Hash.h64(bytes)) & mask
        while slots[at] >= 0 {
            let i = Int(slots[at])
            if sources[i].count == bytes.count,
                sources[i].withUnsafeBufferPointer({ memcmp($0.baseAddress!, bytes.baseAddress!, bytes.count) == 0 })
            {
                return i
            }
            at = (at &+ 1) & mask
        }
        return nil
    }
}
