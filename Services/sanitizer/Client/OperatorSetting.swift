import Foundation

/// A setting of the services, as their operator's commands read it: from the environment, or from the file that `<NAME>_FILE` names.
enum OperatorSetting {
    /// - Throws: ``ClientUsageError`` when the file cannot be read.
    static func value(_ name: String) throws -> String? {
        let environment = ProcessInfo.processInfo.environment
        if let value = environment[name], !value.isEmpty { return value }
        guard let path = environment[name + "_FILE"], !path.isEmpty else { return nil }
        do {
            let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
            return text.isEmpty ? nil : text
        } catch {
            throw ClientUsageError("\(name)_FILE: cannot read \(path)")
        }
    }

    static func required(_ name: String) throws -> String {
        guard let value = try value(name) else { throw ClientUsageError("\(name) is not set: give what the services have") }
        return value
    }
}
