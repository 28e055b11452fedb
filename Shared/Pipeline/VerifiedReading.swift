internal import Domain
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
