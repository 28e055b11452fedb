internal import Domain
public import ObjectStore
internal import Tabular

/// Whether what is read is what was written: disks and networks flip bits now and then.
enum Digest {
    /// XXH3-64 in hexadecimal: for slices of an object, against accidents.
    static func short(_ bytes: ArraySlice<UInt8>) -> String {
        String(bytes.withUnsafeBufferPointer { Hash.h64($0) }, radix: 16)
    }

    static func mismatch(_ key: String) -> SanitizerError {
        SanitizerError(.corruptIntermediate, "\(key) is not what was written: look at the storage, then submit the file again")
    }
}

extension ObjectStore {
    /// The whole object, checked against the SHA-256 that ends its key (see ``StageRunner``'s `put`).
    /// - Throws: `corrupt_intermediate` when they differ.
    public func verified(_ key: String) throws -> [UInt8] {
        let bytes = try get(key)
        guard let digest = key.split(separator: "-").last, digest == SHA256.hex(bytes) else { throw Digest.mismatch(key) }
        return bytes
    }
}
