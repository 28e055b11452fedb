import ArgumentParser

/// A number of bytes on the command line: `512MiB`, `2GiB`, `600MB`, `1000000`.
struct MemorySize: ExpressibleByArgument {
    var bytes: Int

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let digits = argument.prefix { $0.isNumber || $0 == "." }
        guard let number = Double(digits), number > 0 else { return nil }
        let unit = argument.dropFirst(digits.count).trimmingPrefix(" ").lowercased()
        let factors: [String: Double] = [
            "": 1, "b": 1, "k": 1024, "kib": 1024, "kb": 1000, "m": 1_048_576, "mib": 1_048_576, "mb": 1e6, "g": 1_073_741_824,
            "gib": 1_073_741_824, "gb": 1e9,
        ]
        guard let factor = factors[unit], number * factor < 1e15 else { return nil }
        bytes = Int(number * factor)
    }

    var defaultValueDescription: String { "\(bytes / 1_048_576)MiB" }
}
