internal import CScan
internal import Tabular

/// The values and words of a row as hashes: what candidate keys are made of. One thread at a time.
final class RowTerms {
    private struct Column {
        var place: Int
        var kind: MatchPlan.Kind
        /// Its words are terms by themselves.
        var hasWords: Bool
    }
    private let columns: [Column]
    private let form = UnsafeMutablePointer<UInt8>.allocate(capacity: 3 * NormalForm.maximumBytes + 16)
    private let code = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
    private let valueStore: UnsafeMutablePointer<(column: Int, term: UInt64)>
    private let tokenStore = UnsafeMutablePointer<UInt64>.allocate(capacity: maximumTokens)
    private var valueCount = 0
    /// A long text is known by its beginning.
    private var tokenCount = 0
    /// Per compared column that has a value: column number and term. Until the next ``read(_:_:)``.
    var values: UnsafeBufferPointer<(column: Int, term: UInt64)> { UnsafeBufferPointer(start: valueStore, count: valueCount) }
    /// Words of the text columns and model numbers, without their column; each once, ascending. Until the next ``read(_:_:)``.
    var tokens: UnsafeBufferPointer<UInt64> { UnsafeBufferPointer(start: tokenStore, count: tokenCount) }

    private static let tokenSeed: UInt64 = 77
    static let maximumTokens = Int(CSCAN_MOST_WORDS)

    /// `codeOnly`: columns of model numbers, which count as words of a text.
    init(columns: [MatchPlan.Column], codeOnly: [Int]) {
        self.columns = columns.indices.filter { columns[$0].isCompared }.map {
            Column(place: $0, kind: columns[$0].kind, hasWords: columns[$0].kind == .text || codeOnly.contains($0))
        }
        valueStore = .allocate(capacity: max(self.columns.count, 1))
    }
    deinit {
        form.deallocate()
        code.deallocate()
        valueStore.deallocate()
        tokenStore.deallocate()
    }

    func read(_ batch: TextBatch, _ row: Int) {
        valueCount = 0
        tokenCount = 0
        for column in columns {
            let cell = batch.cell(row, column.place)
            if cell.isEmpty { continue }
            let bytes = batch.bytes(cell)
            let (n, has) = NormalForm.write(bytes, kind: column.kind, to: form)
            if n == 0 { continue }
            let salt = UInt64(column.place + 1) &* 0x9E37_79B9_7F4A_7C15
            valueStore[valueCount] = (column.place, Hash.mix(Hash.h64(form, n) &+ salt))
            valueCount &+= 1
            if column.hasWords {
                addTokens(n)
                if has.isSuperset(of: [.digits, .connectors]) { addJoined(bytes) }
            }
        }
        tokenCount = cscan_sort_hashes(tokenStore, tokenCount)
    }

    private func addTokens(_ n: Int) {
        tokenCount &+= cscan_hash_words(form, n, Self.tokenSeed, Self.maximumTokens &- tokenCount, tokenStore + tokenCount)
    }

    /// Codes that are written in parts, as one word: `PS-LX350H` is also `pslx350h`.
    private func addJoined(_ bytes: UnsafeBufferPointer<UInt8>) {
        CodeWords.forEach(bytes, scratch: code) { word, length, isJoined in
            if !isJoined || tokenCount == Self.maximumTokens { return }
            tokenStore[tokenCount] = Hash.h64(word, length, seed: Self.tokenSeed)
            tokenCount &+= 1
        }
    }
}
