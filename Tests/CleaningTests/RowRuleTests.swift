import Cleaning
import Domain
import Tabular
import Testing

@Suite("Rules between the columns of a row")
struct RowRuleTests {
    @Test("a shipping date before the order date is flagged, not changed")
    func order() throws {
        var dice = Dice(3)
        var rows = (0..<500).map { _ -> [String] in
            let day = dice.roll(300)
            func iso(_ d: Int) -> String { CanonicalTextProbe.date(19_000 + d) }
            return [iso(day), iso(day + dice.roll(9))]
        }
        rows[77] = [rows[77][1], "2021-01-01"]
        let run = try clean(["ordered", "shipped"], rows)
        #expect(run.batch.string(77, 1) == "2021-01-01")
        let flags = run.recorder.changes.filter { $0.transformation == .orderViolated }
        #expect(flags.map(\.row) == [177])
        #expect(flags.map(\.column) == [1])
    }

    @Test("a total that is not quantity times price is flagged; that nothing is nothing times anything is no rule")
    func arithmetic() throws {
        var dice = Dice(51)
        var rows = (0..<400).map { _ -> [String] in
            let (quantity, price) = (1 + dice.roll(9), 2 + dice.roll(90))
            return ["\(quantity)", "\(price)", "\(quantity * price)", dice.word()]
        }
        rows[77][2] = "1"
        let run = try clean(["quantity", "price", "total", "remark"], rows)
        let flags = run.recorder.changes.filter { $0.transformation == .arithmeticViolated }
        #expect(flags.map(\.row) == [177])
        let sparse = (0..<400).map { _ -> [String] in
            [dice.roll(30) == 0 ? "1" : "0", dice.roll(30) == 0 ? "1" : "0", "\(dice.roll(2))", dice.word()]
        }
        let other = try clean(["first", "second", "third", "remark"], sparse)
        #expect(!other.recorder.changes.contains { $0.transformation == .arithmeticViolated })
    }

    @Test("the one missing term of a sum or product is computed; where several are missing the guesses fit each other")
    func computed() throws {
        var dice = Dice(52)
        let whole = (0..<600).map { i -> [String?] in
            let (quantity, price, fee) = (1 + dice.roll(9), Double(8 + dice.roll(300)) / 4, dice.roll(40) + 1)
            let total = Double(quantity) * price
            return ["\(quantity)", "\(price)", "\(total)", "\(fee)", "\(total + Double(fee))"]
        }
        var rows = whole
        for i in rows.indices { if i % 7 == 0 { rows[i][i / 7 % 5] = nil } }
        let run = try clean(["quantity", "price", "total", "fee", "paid"], rows)
        let computed = run.recorder.changes.filter { $0.transformation == .imputeArithmetic }
        #expect(computed.count == rows.count { $0.contains(nil) })
        for c in 0..<5 {
            for (value, wanted) in zip(run.column(c), whole) { #expect(Double(value ?? "") == Double(wanted[c] ?? "")) }
        }
        var gaps = whole
        for i in gaps.indices where i % 9 == 0 { for k in 0...(i / 9 % 3) { gaps[i][(k + i / 27) % 5] = nil } }
        let filled = try clean(["quantity", "price", "total", "fee", "paid"], gaps)
        let columns = (0..<5).map { c in filled.column(c).map { Double($0 ?? "") ?? .nan } }
        let broken = gaps.indices.count {
            abs(columns[0][$0] * columns[1][$0] - columns[2][$0]) > 0.02
                || abs(columns[2][$0] + columns[3][$0] - columns[4][$0]) > 0.02
        }
        // A price that is no usual number for the guessed quantity is guessed, too.
        #expect(broken <= 10)
        let off = try clean(["quantity", "price", "total", "fee", "paid"], rows) { recipe in
            recipe.columns = ["quantity", "price", "total", "fee", "paid"].map {
                var column = ColumnRecipe(name: $0)
                column.impute = Imputation.none
                return column
            }
        }
        #expect(!off.recorder.changes.contains { $0.transformation == .imputeArithmetic })
    }
}
