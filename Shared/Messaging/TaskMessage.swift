import Foundation

/// What a queue carries: a hint that a task may be claimable. The ledger decides.
public struct TaskMessage: Sendable, Equatable {
    public static let currentVersion = 1
    /// Larger bodies are none of ours.
    public static let maximumBytes = 64 << 10

    public var version: Int
    public var taskID: Int64
    public var jobID: String
    /// W3C `traceparent`.
    public var trace: String?

    public init(taskID: Int64, jobID: String, trace: String? = nil) {
        version = TaskMessage.currentVersion
        self.taskID = taskID
        self.jobID = jobID
        self.trace = trace
    }

    /// Why a message can never be handled. Does not quote the message.
    public struct Poison: Error, Sendable, Equatable {
        public var reason: String
    }

    private struct Version: Decodable { var v: Int }
    private struct Wire: Codable {
        var v: Int
        var task_id: Int64
        var job_id: String
        var trace: String?
    }

    /// Unknown keys are ignored, so that a newer sender may add some. A missing or ill-typed one, an unknown version, and
    /// anything that is not a JSON object is poison.
    public static func decode(_ body: [UInt8]) throws(Poison) -> TaskMessage {
        guard body.count <= maximumBytes else { throw Poison(reason: "larger than \(maximumBytes) bytes") }
        let data = Data(body)
        let version: Int
        do {
            version = try JSONDecoder().decode(Version.self, from: data).v
        } catch {
            throw Poison(reason: "not a versioned JSON object")
        }
        guard version == currentVersion else { throw Poison(reason: "unknown version \(version)") }
        do {
            let wire = try JSONDecoder().decode(Wire.self, from: data)
            return TaskMessage(taskID: wire.task_id, jobID: wire.job_id, trace: wire.trace)
        } catch {
            throw Poison(reason: "a key is missing or of the wrong type")
        }
    }

    /// JSON with sorted keys.
    public func encode() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(Wire(v: version, task_id: taskID, job_id: jobID, trace: trace)))
        } catch {
            preconditionFailure("numbers and strings always encode")
        }
    }
}
