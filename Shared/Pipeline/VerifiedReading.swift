internal import Domain
internal import Matching
public import ObjectStore
internal import Tabular

/// Whether what is read is what was written: disks and networks flip bits now and then.
public enum Digest {
    /// The SHA-256 that ends the key of an object that a stage wrote (see ``StageRunner``'s `put`).
    public static func named(in key: String) -> Substring { key.split(separator: "-").last ?? "" }

    /// XXH3-64 in hexadecimal: for slices of an object, against accidents.
    static func short(_ bytes: ArraySlice<UInt8>) -> String {
        String(bytes.withUnsafeBufferPointer { Hash.h64($0) }, radix: 16)
    }

    static func mismatch(_ key: String) -> SanitizerError {
        SanitizerError(.corruptIntermediate, "\(key) is not what was written: look at the storage, then submit the file again")
    }
}

extension ObjectStore {
    /// The whole object, checked against the digest in its key.
    /// - Throws: `corrupt_intermediate` when they differ.
    public func verified(_ key: String) throws -> [UInt8] {
        let bytes = try get(key)
        guard Digest.named(in: key) == SHA256.hex(bytes) else { throw Digest.mismatch(key) }
        return bytes
    }
}

/// An object in slices (see ``Matching/SlicedBlob``), each checked against its digest when it is read. Thread-safe.
struct SlicedObject: Sendable {
    private let key: String
    private let store: any ObjectStore
    private let header: [UInt8]
    private let digests: [String]?

    /// - Parameter digests: of the header and of every slice, as ``digests(of:slices:)`` gave them; nil: unknown.
    init(_ store: any ObjectStore, key: String, slices: Int, digests: [String]?) throws {
        self.store = store
        self.key = key
        self.digests = digests
        header = try store.source(key).read(at: 0, count: SlicedBlob.headerLength(slices: slices))
        if let digests, digests.count != slices + 1 || digests[0] != Digest.short(header[...]) { throw Digest.mismatch(key) }
    }

    static func digests(of blob: [UInt8], slices: Int) throws -> [String] {
        try SlicedBlob.parts(blob, slices: slices).map { Digest.short(blob[$0]) }
    }

    func slice(_ number: Int) throws -> [UInt8] {
        let range = try SlicedBlob.range(header, number)
        let bytes = try store.source(key).read(at: Int64(range.lowerBound), count: range.count)
        guard bytes.count == range.count else { throw SanitizerError(.corruptIntermediate, "\(key) ends early") }
        if let digests, digests[number + 1] != Digest.short(bytes[...]) { throw Digest.mismatch(key) }
        return bytes
    }
}
