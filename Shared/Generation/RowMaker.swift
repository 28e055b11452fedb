/// Makes any row of a table from its number alone. One per thread.
final class RowMaker {
    let model: any ScenarioModel
    let columns: [ColumnSpec]
    let layout: RowLayout
    let buffer: RowBuffer
    /// Column numbers, each as often as its weight in near duplicates.
    private let nearColumns: [Int]

    /// Rates in 1/65,536 of the cells that have a value.
    private enum Rate {
        static let whitespace = 1500
        static let letterCase = 1000
        static let spelling = 330
        static let outlier = 980
        static let format = 1300
    }

    init(scenario: Scenario, seed: UInt64) {
        let model = scenario.model
        self.model = model
        columns = model.columns
        layout = RowLayout(seed: seed)
        buffer = RowBuffer(columns: columns.count)
        nearColumns = columns.indices.flatMap { [Int](repeating: $0, count: model.columns[$0].nearWeight) }
    }

    /// Fills ``buffer`` with row `row`: a pure function of scenario, seed and `row`.
    func make(_ row: Int) {
        buffer.kind = layout.kind(of: row)
        buffer.source = -1
        guard buffer.kind != .original else { return makeOriginal(row) }
        var random = RowRandom(seed: layout.seed, row: row, .source)
        let source = layout.original(before: row, random: &random)
        makeOriginal(source)
        buffer.source = source
        if buffer.kind == .exact {
            alterWithoutMeaning(row)
        } else {
            if model.nearDuplicatesGetNewIDs { model.writeID(row: row, into: buffer) }
            alter(row)
        }
    }

    private func makeOriginal(_ row: Int) {
        buffer.markClean()
        model.write(row: row, layout: layout, into: buffer)
        var random = RowRandom(seed: layout.seed, row: row, .dirt)
        for column in 1..<columns.count { soil(column, &random) }
    }

    /// At most one fault per cell of an original.
    @inline(__always)
    private func soil(_ column: Int, _ random: inout RowRandom) {
        let draw = random.next()
        let spec = columns[column]
        if UInt16(truncatingIfNeeded: draw) < spec.missing { return buffer.clear(column, &random, tokenPercent: 40) }
        let other = Int(UInt16(truncatingIfNeeded: draw >> 16))
        // The common case leaves at once.
        guard other < 8000 else { return }
        soilValue(column, spec.role, other, &random)
    }

    private func soilValue(_ column: Int, _ role: Role, _ draw: Int, _ random: inout RowRandom) {
        var rest = draw - Rate.whitespace
        if rest < 0 { return buffer.addWhitespace(column, &random) }
        switch role {
        case .number, .count:
            rest -= Rate.outlier
            if rest < 0 { return buffer.makeOutlier(column, isWhole: role == .count, &random) }
            if role == .number, rest < Rate.format { buffer.formatNumber(column, &random) }
        case .date, .timestamp:
            if rest < Rate.format { buffer.formatDate(column, isTimestamp: role == .timestamp, &random) }
        case .phone:
            if rest < Rate.format { buffer.formatPhone(column, &random) }
        case .name, .street, .city, .category, .text:
            rest -= Rate.letterCase
            if rest < 0 { return _ = buffer.changeCase(column, &random) }
            rest -= Rate.spelling
            if rest < 0 {
                if role == .category { buffer.addTypo(column, .spelling, &random) }
                return
            }
            if rest < Rate.format { buffer.decompose(column) }
        case .identifier, .email, .code: return
        }
    }

    /// An exact duplicate: half of them byte for byte, the others with white space and null words that normalising removes.
    private func alterWithoutMeaning(_ row: Int) {
        var random = RowRandom(seed: layout.seed, row: row, .copy)
        guard random.chance(50) else { return }
        for _ in 0...random.below(3) {
            let column = 1 + random.below(columns.count - 1)
            if buffer.isMissing(column) {
                buffer.respellMissing(column, &random)
            } else if buffer.corruption[column] == .none {
                buffer.addWhitespace(column, &random)
            }
        }
    }

    /// A near duplicate: one certain typing error and up to two more differences, in different columns.
    private func alter(_ row: Int) {
        var random = RowRandom(seed: layout.seed, row: row, .near)
        var altered = -1
        for _ in 0..<64 where altered < 0 {
            let column = nearColumns[random.below(nearColumns.count)]
            if !buffer.isMissing(column), buffer.addTypo(column, .typo, &random) { altered = column }
        }
        var more = random.below(3)
        var tries = 0
        while more > 0, tries < 16 {
            tries += 1
            let column = nearColumns[random.below(nearColumns.count)]
            if column == altered || buffer.isMissing(column) { continue }
            more -= 1
            alterCell(column, &random)
        }
    }

    private func alterCell(_ column: Int, _ random: inout RowRandom) {
        let draw = random.below(100)
        if draw < 30 { return buffer.clear(column, &random, tokenPercent: 20) }
        switch columns[column].role {
        case .name:
            if draw < 45, buffer.abbreviate(column, isName: true) { return }
            if draw < 60 { _ = buffer.changeCase(column, &random) } else { buffer.addTypo(column, .typo, &random) }
        case .street:
            if draw < 70, buffer.abbreviate(column, isName: false) { return }
            buffer.addTypo(column, .typo, &random)
        case .phone:
            if draw < 75 { buffer.formatPhone(column, &random) } else { buffer.addTypo(column, .typo, &random) }
        case .date, .timestamp:
            if draw < 85 {
                buffer.formatDate(column, isTimestamp: columns[column].role == .timestamp, &random)
            } else {
                // A digit of the last two: stays a number, and nearly always a date.
                changeLastDigit(column, &random)
            }
        case .number, .count: changeLastDigit(column, &random)
        case .city, .category, .text, .email:
            if draw < 50 { _ = buffer.changeCase(column, &random) } else { buffer.addTypo(column, .typo, &random) }
        case .code, .identifier: buffer.addTypo(column, .typo, &random)
        }
    }

    private func changeLastDigit(_ column: Int, _ random: inout RowRandom) {
        guard buffer.corruption[column] == .none, buffer.lengths[column] > 0 else { return }
        buffer.willCorrupt(column, .changedValue)
        let last = buffer.start(column) + buffer.lengths[column] - 1
        last.pointee = 0x31 + (last.pointee &- 0x31 &+ 1 &+ UInt8(random.below(8))) % 9
    }
}
