internal import Domain
internal import Synchronization
internal import Tabular

/// What each block of a source was when it was written: a job reads its input again and again, in ranges, for as long as it runs.
///
/// XXH3-64 of blocks of 256 KiB, the last one shorter, in hexadecimal: against accidents, 64 bytes for each MiB.
struct BlockDigests: Codable, Sendable, Equatable {
    static let blockBytes = 1 << 18
    /// Of the source, in bytes.
    var size: Int64
    /// 16 digits for each block.
    var digests: String

    /// The digest of block `index`, as text.
    func digest(_ index: Int) -> Substring.UTF8View? {
        let utf8 = digests.utf8
        guard index >= 0, (index + 1) * 16 <= utf8.count else { return nil }
        let start = utf8.index(utf8.startIndex, offsetBy: index * 16)
        return utf8[start..<utf8.index(start, offsetBy: 16)]
    }

    static func text(_ block: UnsafeBufferPointer<UInt8>) -> String {
        let digits = String(Hash.h64(block), radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

/// Takes the digests of blocks from bytes that come in pieces of any size.
struct BlockHasher {
    private var open: [UInt8] = []
    private var size: Int64 = 0
    private var digests = ""

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        size += Int64(bytes.count)
        var at = 0
        while at < bytes.count {
            let take = min(BlockDigests.blockBytes - open.count, bytes.count - at)
            let piece = UnsafeRawBufferPointer(rebasing: bytes[at..<at + take])
            at += take
            if take == BlockDigests.blockBytes {
                digests += piece.withMemoryRebound(to: UInt8.self, BlockDigests.text)
            } else {
                open.append(contentsOf: piece)
                if open.count == BlockDigests.blockBytes { closeBlock() }
            }
        }
    }

    mutating func finish() -> BlockDigests {
        if !open.isEmpty { closeBlock() }
        return BlockDigests(size: size, digests: digests)
    }

    private mutating func closeBlock() {
        digests += open.withUnsafeBufferPointer(BlockDigests.text)
        open.removeAll(keepingCapacity: true)
    }
}

/// A sink that takes the digests of what passes. Used by one thread at a time.
final class BlockHashingSink: ByteSink {
    private let sink: any ByteSink
    private var hasher = BlockHasher()
    private(set) var digests: BlockDigests?

    init(_ sink: any ByteSink) { self.sink = sink }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.write(bytes)
        hasher.update(bytes)
    }
    func close() throws {
        try sink.close()
        digests = hasher.finish()
    }
    func abort() { sink.abort() }
}

/// A source whose every block is compared with its digest before a byte of it is handed on. Thread-safe.
final class CheckedSource: ByteSource {
    let size: Int64
    private let base: any ByteSource
    private let expected: BlockDigests
    private let name: String
    /// The block that was read in part last: small reads come one after the other.
    private let last = Mutex<(index: Int, bytes: [UInt8])>((-1, []))

    /// - Parameter name: of the object, for the error.
    /// - Throws: `corrupt_intermediate` when the sizes differ.
    init(_ base: any ByteSource, _ expected: BlockDigests, name: String) throws {
        guard base.size == expected.size else { throw Digest.mismatch(name) }
        self.base = base
        self.expected = expected
        self.name = name
        size = base.size
    }

    /// - Throws: `corrupt_intermediate` when a block is not what was written.
    func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard offset >= 0, offset < size else { return 0 }
        let count = Int(min(Int64(buffer.count), size - offset))
        var done = 0
        while done < count {
            let at = offset + Int64(done)
            let index = Int(at / Int64(BlockDigests.blockBytes))
            let start = Int64(index) * Int64(BlockDigests.blockBytes)
            let length = Int(min(Int64(BlockDigests.blockBytes), size - start))
            let skip = Int(at - start)
            let take = min(length - skip, count - done)
            let target = UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + take])
            if take == length {
                try fill(target, index, from: start)
            } else {
                try block(index, from: start, length).withUnsafeBytes {
                    target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[skip..<skip + take]))
                }
            }
            done += take
        }
        return count
    }

    private func block(_ index: Int, from start: Int64, _ length: Int) throws -> [UInt8] {
        if let bytes = last.withLock({ $0.index == index ? $0.bytes : nil }) { return bytes }
        let bytes = try [UInt8](unsafeUninitializedCapacity: length) { buffer, used in
            try fill(UnsafeMutableRawBufferPointer(buffer), index, from: start)
            used = length
        }
        last.withLock { $0 = (index, bytes) }
        return bytes
    }

    private func fill(_ target: UnsafeMutableRawBufferPointer, _ index: Int, from start: Int64) throws {
        var at = 0
        while at < target.count {
            let n = try base.read(at: start + Int64(at), into: UnsafeMutableRawBufferPointer(rebasing: target[at...]))
            guard n > 0 else { throw Digest.mismatch(name) }
            at += n
        }
        let found = UnsafeRawBufferPointer(target).withMemoryRebound(to: UInt8.self, BlockDigests.text)
        guard let wanted = expected.digest(index), wanted.elementsEqual(found.utf8) else { throw Digest.mismatch(name) }
    }
}
