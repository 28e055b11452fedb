/// The cells of one row, by column; reused from row to row.
final class SheetRow {
    private struct Span: Equatable {
        var start = 0
        var count = 0
    }
    private var arena: [UInt8] = []
    private var spans: [Span] = []
    /// Columns that were set, one behind the last.
    private(set) var width = 0
    private(set) var filled = 0

    var isEmpty: Bool { filled == 0 }

    func removeAll() {
        arena.removeAll(keepingCapacity: true)
        for i in 0..<width { spans[i] = Span() }
        width = 0
        filled = 0
    }

    func set(_ column: Int, _ text: some Sequence<UInt8>) {
        reserve(column + 1)
        let span = store(text)
        filled += (span.count > 0 ? 1 : 0) - (spans[column].count > 0 ? 1 : 0)
        spans[column] = span
    }

    /// Gives the columns below `width` that are not filled a text, which is kept once.
    func fill(_ columns: ClosedRange<Int>, width: Int, _ text: [UInt8]) {
        let end = min(columns.upperBound + 1, width)
        guard columns.lowerBound < end, !text.isEmpty else { return }
        reserve(end)
        var span = Span()
        for column in columns.lowerBound..<end where spans[column].count == 0 {
            if span.count == 0 { span = store(text) }
            spans[column] = span
            filled += 1
        }
    }

    func text(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        guard column < width, spans[column].count > 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
        let span = spans[column]
        return arena.withUnsafeBufferPointer { UnsafeBufferPointer(rebasing: $0[span.start..<(span.start + span.count)]) }
    }
    func isFilled(_ column: Int) -> Bool { column < width && spans[column].count > 0 }

    /// The columns from `column` on that are known to have the same text end here, at `width` of the sheet at the latest.
    func endOfRun(_ column: Int, width sheetWidth: Int) -> Int {
        guard column < width else { return sheetWidth }
        let end = min(width, sheetWidth)
        let span = spans[column]
        var next = column + 1
        while next < end, spans[next] == span { next += 1 }
        return next == width && span.count == 0 ? sheetWidth : next
    }

    private func reserve(_ columns: Int) {
        while spans.count < columns { spans.append(Span()) }
        width = max(width, columns)
    }
    private func store(_ text: some Sequence<UInt8>) -> Span {
        let start = arena.count
        arena.append(contentsOf: text)
        return arena.count > start ? Span(start: start, count: arena.count - start) : Span()
    }
}
