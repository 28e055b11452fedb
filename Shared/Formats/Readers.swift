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
        case .xlsx, .ods:
            throw SanitizerError(.internal, "a workbook has to be rewritten before it can be read in chunks")
        }
    }
}
