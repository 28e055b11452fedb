internal import Tabular

/// The values and words of a row as hashes: what candidate keys are made of. One thread at a time.
final class RowTerms {
    private let columns: [MatchPlan.Column]
    /// Per column: its words are terms by themselves.
    private let hasWords: [Bool]
    private let form = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * NormalForm.maximumBytes + 16)
    private let code = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
    /// Per compared column that has a value: column number and term.
    private(set) var values: [(column: Int, term: UInt64)] = []
    /// Words of the text columns and model numbers, without their column; each once.
    private(set) var tokens: [UInt64] = []

    private static let tokenSeed: UInt64 = 77
    private static let maximumTokens = 120

    /// `codeOnly`: columns of model numbers, which count as words of a text.
    init(columns: [MatchPlan.Column], codeOnly: [Int]) {
        self.columns = columns
        hasWords = columns.indices.map { columns[$0].kind == .text || codeOnly.contains($0) }
    }
    deinit {
        form.deallocate()
        code.deallocate()
    }

    func read(_ batch: TextBatch, _ row: Int) {
        values.removeAll(keepingCapacity: true)
        tokens.removeAll(keepingCapacity: true)
        for c in columns.indices where columns[c].isCompared {
            let cell = batch.cell(row, c)
            if cell.isEmpty { continue }
            let bytes = batch.bytes(cell)
            let n = NormalForm.write(bytes, kind: columns[c].kind, to: form)
            if n == 0 { continue }
            values.append((c, Hash.mix(Hash.h64(form, n) &+ UInt64(c + 1) &* 0x9E37_79B9_7F4A_7C15)))
            if hasWords[c] {
                addTokens(n)
                addJoined(bytes)
            }
        }
        tokens.sort()
        var kept = 0
        for i in tokens.indices where kept == 0 || tokens[i] != tokens[kept - 1] {
            tokens[kept] = tokens[i]
            kept += 1
        }
        tokens.removeLast(tokens.count - kept)
    }

    private func addTokens(_ n: Int) {
        var start = 0
        while start < n, tokens.count < Self.maximumTokens {
            var end = start
            while end < n, form[end] != 32 { end += 1 }
            if end - start > 1 { tokens.append(Hash.h64(form + start, end - start, seed: Self.tokenSeed)) }
            start = end + 1
        }
    }

    /// Codes that are written in parts, as one word: `PS-LX350H` is also `pslx350h`.
    private func addJoined(_ bytes: UnsafeBufferPointer<UInt8>) {
        var hasDigits = false
        for byte in bytes where byte &- 48 < 10 { hasDigits = true }
        if !hasDigits { return }
        CodeWords.forEach(bytes, scratch: code) { word, length, form in
            if form == .joined, tokens.count < Self.maximumTokens { tokens.append(Hash.h64(word, length, seed: Self.tokenSeed)) }
        }
    }
}
