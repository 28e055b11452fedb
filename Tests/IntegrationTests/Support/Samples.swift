/// Small dirty tables, the same in every run.
enum Samples {
    /// Every tenth row is an exact duplicate of the one before; some cells are missing, untrimmed or oddly written.
    static func orders(_ rows: Int = 60) -> [UInt8] {
        var text = "id,name,city,amount,day\n"
        for i in 0..<rows {
            let n = i % 10 == 9 ? i - 1 : i
            let amount = n % 7 == 3 ? "N/A" : "\(n * 3).50"
            text +=
                "\(1000 + n),\(n % 5 == 0 ? " Ann  Lee " : "Bob Ray\(n)"),\(n % 3 == 0 ? "Berlin" : "berlin"),\(amount),2026-01-\(10 + n % 18)\n"
        }
        return Array(text.utf8)
    }
}
