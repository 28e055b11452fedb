internal import CCrypto

/// Incremental SHA-256 (OpenSSL's libcrypto, which uses the processor's SHA instructions). One thread at a time.
public final class SHA256 {
    private let context: OpaquePointer

    public init() {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
    }
    deinit { EVP_MD_CTX_free(context) }

    public func update(_ bytes: UnsafeRawBufferPointer) {
        if bytes.count > 0 { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
    }
    public func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }
    /// The 32 bytes of the digest; afterwards the object starts anew.
    public func finish() -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &out, nil)
        EVP_DigestInit_ex(context, EVP_sha256(), nil)
        return out
    }
    /// The digest as 64 lower-case hexadecimal digits.
    public func finishHex() -> String { Hex.encode(finish()) }

    public static func hex(_ bytes: [UInt8]) -> String {
        let h = SHA256()
        h.update(bytes)
        return h.finishHex()
    }
    public static func hex(_ text: String) -> String { hex(Array(text.utf8)) }

    /// HMAC-SHA-256 (RFC 2104).
    public static func hmac(key: [UInt8], _ message: UnsafeRawBufferPointer) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: 32)
        var n: UInt32 = 32
        _ = HMAC(
            EVP_sha256(), key, Int32(key.count), message.baseAddress?.assumingMemoryBound(to: UInt8.self),
            message.count, &out, &n)
        return out
    }
}

public enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(
            unsafeUninitializedCapacity: bytes.count * 2,
            initializingUTF8With: { out in
                var i = 0
                for b in bytes {
                    out[i] = digits[Int(b >> 4)]
                    out[i + 1] = digits[Int(b & 15)]
                    i += 2
                }
                return i
            })
    }
    /// nil when the text is not an even number of hexadecimal digits.
    public static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        func value(_ c: UInt8) -> UInt8? {
            switch c {
            case 0x30...0x39: c - 0x30
            case 0x41...0x46: c - 0x41 + 10
            case 0x61...0x66: c - 0x61 + 10
            default: nil
            }
        }
        var out: [UInt8] = []
        out.reserveCapacity(digits.count / 2)
        for i in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(digits[i]), let low = value(digits[i + 1]) else { return nil }
            out.append(high << 4 | low)
        }
        return out
    }
}

/// Bytes from the system's cryptographic generator: for keys, tokens and ids, never for the engine.
public enum SecureRandom {
    public static func bytes(_ n: Int) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: n)
        let ok = RAND_bytes(&out, Int32(n))
        precondition(ok == 1, "the system's random generator failed")
        return out
    }
}
