internal import Domain
internal import Profiling
internal import Tabular

/// What is judged of a column cell by cell: the kind of its type, the form of its meaning, a check digit.
struct CellCheck {
    private var kinds: UInt16 = 0
    private var checksKind = false
    private var emptiesMisfits = false
    private var form: SemanticType?
    private var checksum: Checksum?

    init() {}
    init(_ c: ColumnResolution) {
        let off = Set(c.rulesOff)
        if c.misfits > 0, c.type != .text {
            let good: [CellKind] =
                switch c.type {
                case .integer: [.integer, .longInteger]
                case .decimal: [.integer, .longInteger, .decimal]
                case .boolean: [.boolean]
                case .date: [.date]
                case .timestamp: [c.isUTC ? .timestampUTC : .timestamp]
                case .text: []
                }
            for kind in good { kinds |= 1 << UInt16(kind.rawValue) }
            emptiesMisfits = c.emptiesMisfits
            checksKind = emptiesMisfits || (c.repair != .off && !off.contains(Transformation.wrongType.id))
        }
        if c.checksForm, !off.contains(Transformation.oddFormat.id) { form = c.semantic }
        checksum = c.checksum
    }

    var isIdle: Bool { !checksKind && form == nil && checksum == nil }

    /// nil: nothing to say.
    func doubt(_ bytes: UnsafeBufferPointer<UInt8>) -> Transformation? {
        guard let p = bytes.baseAddress, !bytes.isEmpty else { return nil }
        if checksKind {
            var number = 0.0
            let kind = CellKind.of(p, bytes.count, number: &number)
            if kinds >> UInt16(kind.rawValue) & 1 == 0 { return emptiesMisfits ? .typeMisfit : .wrongType }
        }
        if let form, !PersonalData.matches(form, bytes) { return .oddFormat }
        if let checksum, let digits = Checksum.digits(bytes), checksum.holds(digits) == false { return .checksum }
        return nil
    }
}
