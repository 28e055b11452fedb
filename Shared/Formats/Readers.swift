internal import Domain
public import Tabular

/// Opens the reader that fits a detection.
public enum Readers {
    /// - Parameter source: the staged bytes when `detection.needsStaging`, otherwise the input itself.
    /// - Throws: `formatUnsupported` for formats without a reader.
    public static func open(_ detection: Detection, _ source: any ByteSource) throws -> any TableReader {
        switch detection.format {
        case .csv:
            return try CSVReader(detection: detection, source: source)
        case .parquet:
            return try ParquetReader(detection: detection, source: source)
        case .jsonl, .json:
            return JSONLinesReader(detection: detection, source: source)
        case .xlsx:
            throw SanitizerError(
                .formatUnsupported, "reading \(detection.format.rawValue) is not supported yet; convert it to csv")
        }
    }
}
