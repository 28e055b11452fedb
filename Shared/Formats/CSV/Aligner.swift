internal import Domain
internal import Tabular

/// A row read as exactly the wanted number of columns.
struct Alignment {
    var cost: Double
    fileprivate var segments: [Segment?]
    private var reasons: [String] = []
    private var code = RowProblem.Code.ragged

    fileprivate init(cost: Double) {
        self.cost = cost
        segments = []
    }
    mutating func note(_ reason: String, _ code: RowProblem.Code) {
        if reasons.isEmpty { self.code = code }
        if !reasons.contains(reason) { reasons.append(reason) }
    }
    var problem: (code: RowProblem.Code, reason: String)? {
        reasons.isEmpty ? nil : (code, reasons.joined(separator: "; "))
    }
    /// Adds the cells to the reader's fields.
    func append(to reader: RecordReader) {
        for segment in segments {
            reader.fields.append(segment?.value(reader) ?? FieldSpan(start: 0, length: 0, inScratch: false))
        }
    }
}

/// Finds the cheapest way to read a line as `width` columns: Viterbi over (pieces used, columns filled).
///
/// Pieces are what stands between any two delimiters. A piece becomes a cell; quoted pieces or pieces split by an extra delimiter are
/// joined; blank pieces are dropped; missing cells are put in; a piece is cut in two where a delimiter was lost.
struct Aligner {
    private enum Step: UInt8 { case none, missing, dropped, cell, wrapped, merged, split }
    private struct State {
        var cost = Double.infinity
        var tokens: Int32 = 0
        var columns: Int32 = 0
        var cut: Int32 = 0
        var step = Step.none
    }
    private static let stateLimit = 20_000
    private static let longestField = 400
    // Bytes looked at until the line is given up: lines of quotes and delimiters alone can be read in so many ways that one of a few
    // hundred bytes would take a second.
    /// For cells as they stand or joined, which in a table of many quoted columns is much, too.
    private static let mostJoining = 20_000_000
    /// For cells cut in two: per byte of the line, and for any line.
    private static let cuttingPerByte = 500
    private static let leastCutting = 50_000

    private let reader: RecordReader
    private let width: Int
    private let splits: Bool
    private let worst: Double
    private let delimiter: [UInt8]
    /// The line; runs of spaces are written as one where the dialect says so.
    private let line: FieldSpan
    private var starts: [Int] = []
    private var ends: [Int] = []

    init(_ reader: RecordReader, _ line: FieldSpan, width: Int, splits: Bool, worst: Double, delimiter: [UInt8]? = nil) {
        self.reader = reader
        self.width = width
        self.splits = splits
        self.worst = worst
        self.delimiter = delimiter ?? reader.delimiter
        self.line = reader.collapses ? Self.collapsed(reader, line) : line
        cutPieces()
    }

    private static func collapsed(_ reader: RecordReader, _ line: FieldSpan) -> FieldSpan {
        var out: [UInt8] = []
        for b in reader.text(line) where b != 0x20 || !(out.isEmpty || out[out.count - 1] == 0x20) { out.append(b) }
        if out.last == 0x20 { out.removeLast() }
        return reader.store(out)
    }

    private mutating func cutPieces() {
        let text = reader.text(line)
        var from = 0
        var i = 0
        while i + delimiter.count <= text.count {
            var matches = true
            for k in 0..<delimiter.count where text[i + k] != delimiter[k] {
                matches = false
                break
            }
            if matches {
                starts.append(from)
                ends.append(i)
                i += delimiter.count
                from = i
            } else {
                i += 1
            }
            if starts.count > Self.stateLimit { return }
        }
        starts.append(from)
        ends.append(text.count)
    }

    private func span(_ from: Int, _ to: Int) -> FieldSpan {
        FieldSpan(start: line.start + from, length: max(0, to - from), inScratch: line.inScratch)
    }
    private func segment(_ from: Int, _ to: Int) -> Segment { Segment(reader, span(from, to), delimiter: delimiter) }

    func solve() -> Alignment? {
        let pieces = starts.count
        guard pieces * width <= Self.stateLimit else { return nil }
        let row = width + 1
        var best = [State](repeating: State(), count: (pieces + 1) * row)
        best[0].cost = 0
        let text = reader.text(line)
        let quote = reader.quote
        let trims = true
        var opens = [Bool](repeating: false, count: pieces)
        var closes = opens
        var quoted = opens
        for t in 0..<pieces {
            guard let quote else { break }
            var a = starts[t]
            var b = ends[t]
            if trims {
                while a < b, text[a] == 0x20 { a += 1 }
                while b > a, text[b - 1] == 0x20 { b -= 1 }
            }
            opens[t] = a < b && text[a] == quote
            closes[t] = a < b && text[b - 1] == quote
            quoted[t] = text[starts[t]..<ends[t]].contains(quote)
        }
        let emptyText = UnsafeBufferPointer<UInt8>(start: text.baseAddress, count: 0)
        let missing = (0..<width).map { reader.costs.cost($0, emptyText) }
        let mergeCost = delimiter == [0x20] ? 0.1 : 2.0
        let longestMerge = min(64, max(0, pieces - width + 1))
        var joining = 0
        var cutting = 0
        let mostCutting = Self.leastCutting + Self.cuttingPerByte * line.length

        func put(_ tokens: Int, _ columns: Int, _ cost: Double, _ fromTokens: Int, _ fromColumns: Int, _ step: Step, cut: Int = 0)
        {
            let at = tokens * row + columns
            guard cost <= worst, best[at].cost > cost else { return }
            best[at] = State(
                cost: cost, tokens: Int32(fromTokens), columns: Int32(fromColumns), cut: Int32(truncatingIfNeeded: cut),
                step: step)
        }

        for i in 0...pieces {
            for j in 0..<width where best[i * row + j].cost < .infinity {
                put(i, j + 1, best[i * row + j].cost + (i == pieces ? 0.5 : 1.5) + missing[j], i, j, .missing)
            }
            if i == pieces { break }
            var live: [Int] = []
            for j in 0...width where best[i * row + j].cost < .infinity { live.append(j) }
            if live.isEmpty { continue }
            if text[starts[i]..<ends[i]].allSatisfy({ $0 == 0x20 }) {
                for j in live { put(i + 1, j, best[i * row + j].cost + 1, i, j, .dropped) }
            }
            if live.last == width { live.removeLast() }
            let cheapest = live.reduce(Double.infinity) { min($0, best[i * row + $1].cost) }
            var quotesBetween = false
            for k in (i + 1)...pieces {
                let extra = k - i - 1
                if quoted[k - 1] { quotesBetween = true }
                let both = opens[i] && closes[k - 1]
                let glued =
                    splits && extra > 0
                    && ((closes[k - 1] && !opens[i] && quoted[i]) || (opens[i] && !closes[k - 1] && quoted[k - 1]))
                if !(extra <= longestMerge || both || glued) {
                    if extra > Self.longestField || !quoted[i] { break }
                    continue
                }
                let merges = extra <= longestMerge && !quotesBetween && cheapest + mergeCost * Double(extra) <= worst
                if extra > 0, !both, !glued, !merges { continue }
                let length = ends[k - 1] - starts[i]
                joining += length + live.count
                if joining > Self.mostJoining { return nil }
                let whole = segment(starts[i], ends[k - 1])
                if extra == 0 || whole.isWrapped {
                    let text = whole.judged(reader)
                    for j in live {
                        let cost = best[i * row + j].cost + whole.fault
                        guard cost <= worst else { continue }
                        put(k, j + 1, cost + reader.costs.cost(j, text), i, j, extra == 0 ? .cell : .wrapped)
                    }
                } else if merges, starts[i] < ends[i], starts[k - 1] < ends[k - 1] {
                    let text = reader.text(whole.inner)
                    for j in live {
                        let cost = best[i * row + j].cost + mergeCost * Double(extra)
                        guard cost <= worst else { continue }
                        put(k, j + 1, cost + reader.costs.cost(j, text), i, j, .merged)
                    }
                }
                if splits, extra == 0 || both || glued {
                    let places = cutPlaces(starts[i], ends[k - 1])
                    cutting += (places.count + 1) * (2 * length + live.count)
                    if cutting > mostCutting { return nil }
                    for cut in places {
                        let left = segment(starts[i], cut)
                        let right = segment(cut, ends[k - 1])
                        if !left.isWrapped && holdsDelimiter(left) || !right.isWrapped && holdsDelimiter(right) { continue }
                        var fixed = 2 + left.fault + right.fault
                        let base = fixed
                        if left.isWrapped || right.isWrapped { fixed -= 0.75 }
                        let leftText = reader.text(left.inner)
                        let rightText = reader.text(right.inner)
                        if leftText.last == 0x20 || rightText.first == 0x20 { fixed += 0.5 }
                        for j in live where j + 1 < width {
                            let cost = best[i * row + j].cost
                            guard cost + base <= worst else { continue }
                            let both = reader.costs.cost(j, leftText) + reader.costs.cost(j + 1, rightText)
                            put(k, j + 2, cost + fixed + both, i, j, .split, cut: cut)
                        }
                    }
                }
            }
        }
        return trace(best, pieces, row)
    }

    private func holdsDelimiter(_ segment: Segment) -> Bool {
        let text = reader.text(segment.inner)
        guard let first = delimiter.first else { return false }
        guard delimiter.count > 1 else { return text.contains(first) }
        var i = 0
        while i + delimiter.count <= text.count {
            if (0..<delimiter.count).allSatisfy({ text[i + $0] == delimiter[$0] }) { return true }
            i += 1
        }
        return false
    }

    /// Where a delimiter may have been lost inside a piece, ascending.
    private func cutPlaces(_ from: Int, _ to: Int) -> [Int] {
        let line = reader.text(self.line)
        let t = UnsafeBufferPointer(rebasing: line[from..<to])
        var places: Set<Int> = []
        if let quote = reader.quote {
            var i = 0
            while i < t.count {
                guard t[i] == quote else {
                    i += 1
                    continue
                }
                var run = 1
                while i + run < t.count, t[i + run] == quote { run += 1 }
                if i > 0, i + run < t.count {
                    if run == 1 {
                        places.insert(i)
                        places.insert(i + 1)
                    } else {
                        places.insert(i + 1)
                    }
                }
                i += run
            }
        }
        let scheme = Array("http".utf8)
        var i = 0
        while i + 5 <= t.count {
            if t[i] == scheme[0], t[(i)..<(i + 4)].elementsEqual(scheme),
                t[i + 4] == UInt8(ascii: ":")
                    || (t[i + 4] == UInt8(ascii: "s") && i + 5 < t.count && t[i + 5] == UInt8(ascii: ":"))
            {
                places.insert(i)
            }
            i += 1
        }
        func consider(_ x: Int) {
            let u = t[x - 1]
            let v = t[x]
            let lowerUpper = u >= 0x61 && u <= 0x7A && v >= 0x41 && v <= 0x5A
            if isDigitByte(u) || isDigitByte(v) || isLetterByte(u) != isLetterByte(v) || lowerUpper { places.insert(x) }
        }
        for x in stride(from: 1, to: min(t.count, 25), by: 1) { consider(x) }
        for x in stride(from: max(25, t.count - 24), to: t.count, by: 1) { consider(x) }
        return places.filter { $0 > 0 && $0 < t.count }.sorted().map { $0 + from }
    }

    private func trace(_ best: [State], _ pieces: Int, _ row: Int) -> Alignment? {
        let goal = best[pieces * row + width]
        guard goal.cost < .infinity else { return nil }
        var steps: [(state: State, tokens: Int)] = []
        var i = pieces
        var j = width
        while (i, j) != (0, 0) {
            let state = best[i * row + j]
            steps.append((state, i))
            (i, j) = (Int(state.tokens), Int(state.columns))
        }
        var result = Alignment(cost: goal.cost)
        for (state, k) in steps.reversed() {
            let from = Int(state.tokens)
            switch state.step {
            case .none: break
            case .missing:
                result.segments.append(nil)
                result.note("missing cell put in", .ragged)
            case .dropped: result.note("empty extra cell dropped", .ragged)
            case .cell, .wrapped:
                let found = segment(starts[from], ends[k - 1])
                result.segments.append(found)
                if found.fault > 0 { result.note(state.step == .cell ? "stray quote kept" : "unescaped quote", .brokenQuote) }
            case .merged:
                result.segments.append(segment(starts[from], ends[k - 1]))
                result.note("cells joined at an extra delimiter", .ragged)
            case .split:
                result.segments.append(segment(starts[from], Int(state.cut)))
                result.segments.append(segment(Int(state.cut), ends[k - 1]))
                result.note("cell cut at a lost delimiter", .ragged)
            }
        }
        return result
    }
}
