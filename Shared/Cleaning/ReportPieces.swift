public import Domain
public import Profiling

/// The parts of a report that come from profile, decisions and counts.
public enum ReportPieces {
    /// - Parameter firstRecords: record number of ordinal 0 of each chunk.
    public static func columns(
        profile: TableProfile, resolution: Resolution, counts: ChangeCounts, firstRecords: [Int]
    ) -> [Report.Column] { [] }

    /// What was done to cells; removal of rows is added by the caller.
    public static func transformations(counts: ChangeCounts, resolution: Resolution) -> [Report.Transformation] { [] }

    /// Quality before and after, 0...1 (formula in docs/report.md), share of imputed cells, mean confidence.
    public static func quality(
        profile: TableProfile, resolution: Resolution, counts: ChangeCounts, keptRows: Int, duplicates: Int
    ) -> (before: Double, after: Double, imputationRate: Double, confidence: Double) { (1, 1, 0, 1) }
}
