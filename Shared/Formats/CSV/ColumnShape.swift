/// What the cells of a column look like, with letters and digits masked.
public struct ColumnShape: Codable, Sendable, Equatable {}
