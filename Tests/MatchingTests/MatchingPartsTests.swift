import CScan
import Domain
import Tabular
import Testing

@testable import Matching

@Suite struct MatchingPartsTests {
    /// The textbook table, without tricks.
    static func reference(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var d = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { d[i][0] = i }
        for j in 0...b.count { d[0][j] = j }
        for i in 1..<max(a.count + 1, 1) {
            for j in 1..<max(b.count + 1, 1) {
                d[i][j] = min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { d[i][j] = min(d[i][j], d[i - 2][j - 2] + 1) }
            }
        }
        return d[a.count][b.count]
    }

    @Test("the bit-parallel distance equals the table", arguments: [4, 20, 64, 90, 128, 186])
    func osa(longest: Int) {
        var r = TestRandom(state: UInt64(longest))
        for _ in 0..<400 {
            let a = (0..<(1 + r.below(longest))).map { _ in UInt8(97 + r.below(3)) }
            var b = a
            for _ in 0..<r.below(6) where b.count > 2 {
                let i = r.below(b.count - 1)
                switch r.below(3) {
                case 0: b.swapAt(i, i + 1)
                case 1: b.remove(at: i)
                default: b.insert(UInt8(97 + r.below(4)), at: i)
                }
            }
            let longer = max(a.count, b.count)
            let got = Similarity.osa(a, a.count, b, b.count)
            let expected = 1 - Double(Self.reference(a, b)) / Double(longer)
            if expected >= 0.2 { #expect(abs(got - expected) < 1e-12) } else { #expect(got <= 0.2 + 1e-9) }
        }
    }

    @Test("MinHash values are the minima over the grams, on every processor", arguments: [0, 1, 7, 8, 200])
    func minhash(count: Int) {
        var r = TestRandom(state: 77)
        let grams = (0..<count).map { _ in UInt32(truncatingIfNeeded: r.next()) }
        let mult = (0..<32).map { _ in UInt32(truncatingIfNeeded: r.next()) | 1 }
        let seed = (0..<32).map { _ in UInt32(truncatingIfNeeded: r.next()) }
        var out = [UInt32](repeating: 0, count: 32)
        cscan_minhash(grams, grams.count, mult, seed, &out)
        for k in 0..<32 { #expect(out[k] == (grams.map { ($0 ^ seed[k]) &* mult[k] }.min() ?? .max)) }
    }

    @Test("grams ignore the case of letters and the place of the text")
    func grams() {
        let scratch = GramScratch()
        func set(_ row: [String?]) -> Set<UInt32> {
            let b = TextBatch.of(columns: row.count, [row])
            let n = scratch.grams(b, 0, roles: [UInt8](repeating: 1, count: row.count), common: nil)
            return Set((0..<n).map { scratch.output[$0] })
        }
        #expect(set(["Hello World"]) == set(["hELLO wORLD"]))
        #expect(set(["abc"]) != set(["abd"]))
        #expect(set([nil, "text here"]) == set(["text here", ""]))
        #expect(set([nil]).isEmpty)
    }

    @Test("a long text is known by its first 120 words, repeated ones counted", arguments: [(59, true), (60, false)])
    func longText(pairs: Int, hasLast: Bool) {
        let column = MatchPlan.Column(
            name: "text", kind: .text, semantic: .freeText, isCompared: true, isInSignature: true, isPossibleKey: false,
            isCategory: false)
        let terms = RowTerms(columns: [column], codeOnly: [])
        func tokens(_ text: String) -> Set<UInt64> {
            terms.read(TextBatch.of(columns: 1, [[text]]), 0)
            return Set(terms.tokens)
        }
        let last = tokens("zz")
        #expect(last.count == 1)
        let found = tokens(String(repeating: "aa bb ", count: pairs) + "zz")
        #expect(found.isSuperset(of: tokens("bb aa")))
        #expect(found.isSuperset(of: last) == hasLast)
    }

    @Test("grams are the hashes of all runs of four bytes in lower case, on every processor")
    func gramsOfEveryLength() {
        func spread(_ x: UInt32) -> UInt32 {
            let y = x &* 0x9E37_79B1
            return (y ^ y >> 15) &* 0x85EB_CA77
        }
        var r = TestRandom(state: 5)
        let scratch = GramScratch()
        for length in 1..<70 {
            let cell = (0..<length).map { _ in UInt8(33 + r.below(94)) }
            let text = [0] + cell.map { $0 &- 65 < 26 ? $0 | 32 : $0 } + [0]
            let expected = (0..<max(0, text.count - 3)).map { i in
                spread((0..<4).reduce(0) { $0 | UInt32(text[i + $1]) << UInt32(8 * $1) })
            }
            let batch = TextBatch.of(columns: 1, [[String(decoding: cell, as: UTF8.self)]])
            let n = scratch.grams(batch, 0, roles: [1], common: nil)
            #expect(Array(UnsafeBufferPointer(start: scratch.output, count: n)) == expected)
        }
    }

    @Test("normal forms drop case, accents and punctuation")
    func normalForm() {
        func form(_ s: String, _ kind: MatchPlan.Kind = .text) -> String {
            let out = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
            defer { out.deallocate() }
            let bytes = Array(s.utf8)
            let n = bytes.withUnsafeBufferPointer { NormalForm.write($0, kind: kind, to: out).count }
            return String(decoding: UnsafeBufferPointer(start: out, count: n), as: UTF8.self)
        }
        #expect(form("  O'Brien,  JOSÉ ") == "obrien jose")
        #expect(form("v1.5 (beta)") == "v1.5 beta")
        #expect(form("+1 (555) 123-4567", .code) == "15551234567")
        #expect(form("-12.50", .number) == "-12.50")
        #expect(form("12.50 %", .number) == form("12.5 %", .number))
        #expect(form("-$1200 ", .number) == "1200")
        #expect(form("-3.00 kg", .number) == "-3")
        #expect(form("-", .number) == "" && form("unknown", .number) == "unknown")
        #expect(form("---") == "")
        #expect(form("Straße") == "strasse")
    }

    @Test(
        "numbers that all have one unit are numbers; codes, and numbers of several units, are not",
        arguments: [
            ("%d.50 %%", MatchPlan.Kind.number), ("$%d", .number), ("%d oz", .number), ("A%d", .code), ("%d-12", .code),
            ("%d oz|%d ml", .text),
        ])
    func units(form: String, kind: MatchPlan.Kind) {
        let forms = form.split(separator: "|")
        var table = Fixture(names: ["name", "size"], types: [.text, .text], rows: [])
        for i in 0..<200 {
            let text = String(forms[i % forms.count]).replacing("%%", with: "\u{1}").replacing("%d", with: "\(i * 37 % 150 + 1)")
            table.rows.append(["thing \(i)", i % 80 == 0 ? "-" : text.replacing("\u{1}", with: "%")])
        }
        #expect(table.plan(table.batches(1000)).columns[1].kind == kind)
    }

    @Test("log-odds rise with the level after pooling")
    func pooling() {
        var r = TestRandom(state: 5)
        for _ in 0..<200 {
            let m = (0..<7).map { _ in 0.001 + Double(r.below(1000)) / 1000 }
            let u = (0..<7).map { _ in 0.001 + Double(r.below(1000)) / 1000 }
            let w = MatchModel.pool(m, u)
            #expect(w.count == 7)
            #expect(zip(w, w.dropFirst()).allSatisfy { $0 <= $1 + 1e-12 })
        }
    }

    @Test("a chain whose ends differ is cut, a tight group stays whole")
    func linkage() {
        let edges = [(0, 1), (1, 2), (3, 4), (4, 5), (3, 5)].map { ClusterBuilder.Edge(a: $0.0, b: $0.1, margin: 3) }
        let builder = ClusterBuilder(rows: 6, bestShare: 0) { $0 < $1 }
        let groups = builder.clusters(edges) { a, b in
            Set([a, b]) == [0, 2] ? -12 : Set([a, b]) == [0, 1] ? 4 : 3
        }
        #expect(Set(groups.map { Set($0) }) == [[0, 1], [3, 4, 5]])
    }

    @Test("one strong link holds large groups together, not two pairs")
    func bestLink() {
        func groups(of size: Int) -> Int {
            // Two groups, tight inside, one link between them, all others against.
            let n = 2 * size
            func margin(_ a: Int, _ b: Int) -> Double {
                a / size == b / size ? 9 : Set([a, b]) == [0, n - 1] ? 8 : -5
            }
            var edges: [ClusterBuilder.Edge] = []
            for a in 0..<n {
                for b in (a + 1)..<max(n, a + 1) where margin(a, b) > 0 {
                    edges.append(ClusterBuilder.Edge(a: a, b: b, margin: margin(a, b)))
                }
            }
            return ClusterBuilder(rows: n, bestShare: 0.5) { $0 < $1 }.clusters(edges, margin: margin).count
        }
        #expect(groups(of: 2) == 2)
        #expect(groups(of: 12) == 1)
    }

    @Test("a component that is too big falls apart at its weak links")
    func hugeComponent() {
        // Pairs of rows that belong together, chained by weak links.
        let n = 1000
        var edges: [ClusterBuilder.Edge] = []
        for i in stride(from: 0, to: n - 1, by: 1) {
            edges.append(ClusterBuilder.Edge(a: i, b: i + 1, margin: i % 2 == 0 ? 9 : 0.5))
        }
        let groups = ClusterBuilder(rows: n, bestShare: 0) { $0 < $1 }.clusters(edges) { _, _ in 0 }
        #expect(groups.count == n / 2)
        #expect(groups.allSatisfy { $0.count == 2 && $0[0] / 2 == $0[1] / 2 })
    }

    @Test("too many candidate pairs: the same best ones stay in any order of arrival")
    func pairBudget() {
        var r = TestRandom(state: 2)
        let all = (0..<5000).map { i in CandidatePair(a: UInt64(i), b: UInt64(i + 1), rank: UInt32(r.below(1 << 29))) }
        func kept(_ pairs: [CandidatePair]) -> [CandidatePair] {
            var budget = PairBudget(limit: 300)
            for p in pairs { budget.add(p) }
            let out = budget.finish()
            #expect(budget.wasCut)
            return out
        }
        let a = kept(all)
        #expect(a.count == 300)
        #expect(a == kept(all.reversed()))
        #expect(a == kept(all.shuffled(using: &r)))
        let worst = a.map(\.rank).min() ?? 0
        #expect(all.filter { $0.rank > worst }.count < 300)
    }

    @Test("what the steps hand on is read back as it was written, and broken bytes are refused")
    func encodings() throws {
        let (table, _) = Fixture.customers(500, seed: 2)
        let batch = table.batches(500)[0]
        var plan = table.plan([batch])
        plan.partitions = 4
        let builder = KeyBuilder(plan: plan)
        builder.add(batch, rows: 0..<batch.rows, chunk: 3)
        let blob = builder.finish()
        let header = Array(blob.prefix(SlicedBlob.headerLength(slices: 4)))
        var end = header.count
        for p in 0..<4 {
            let range = try SlicedBlob.range(header, p)
            #expect(range.lowerBound == end)
            end = range.upperBound
            let slice = Array(blob[range])
            let matcher = PartitionMatcher(plan: plan, partition: p)
            try matcher.add(slice)
            let matches = matcher.finish()
            let written = matches.encode(stripes: 3)
            let slices = try (0..<4).map { Array(written[try SlicedBlob.range(written, $0)]) }
            var read = try PartitionMatches(head: slices[0])
            for s in 1...3 {
                let stripe = CandidateStripe(plan: plan)
                try stripe.add(slices[s])
                stripe.addUp()
                read.pairs += stripe.pairs
            }
            read.pairs.sort { ($0.a, $0.b) < ($1.a, $1.b) }
            var whole = matches
            CandidatePair.addUp(&whole.pairs)
            #expect(read == whole)
            for cut in [0, 5, 11, 12, slice.count / 2, slice.count - 1] where cut < slice.count {
                #expect(throws: SanitizerError.self) {
                    try PartitionMatcher(plan: plan, partition: p).add(Array(slice.prefix(cut)))
                }
            }
            for cut in stride(from: 0, to: slices[0].count, by: 97) {
                #expect(throws: SanitizerError.self) { try PartitionMatches(head: Array(slices[0].prefix(cut))) }
            }
        }
        #expect(end == blob.count)
        #expect(throws: SanitizerError.self) { try SlicedBlob.range(header, 4) }
        #expect(throws: SanitizerError.self) { try SlicedBlob.range([], 0) }
    }

    @Test("the common-gram bitmap survives its text form", arguments: [0, 1, 2, 3, 100, 8192])
    func base64(count: Int) {
        var r = TestRandom(state: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: r.next()) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }

    @Test("a phone with and without its country code agrees; successive numbers do not look like errors")
    func typedDifferences() throws {
        var (table, _) = Fixture.customers(600, seed: 31, exact: 0, near: 0)
        var longer = table.rows[5]
        longer[0] = "77777"
        longer[3] = longer[3].map { String($0.dropFirst(3)) }
        var nextDay = table.rows[6]
        nextDay[0] = "77778"
        nextDay[7] = "1.5"
        table.rows[6][7] = "2.5"
        table.rows += [longer, nextDay]
        let d = try table.run()
        #expect(d.drops.map(\.row.ordinal) == [600])
        #expect(d.suggestions.map(\.row.ordinal) == [601])
    }
}
