import Messaging
import Testing

@Suite("Task messages")
struct TaskMessageTests {
    @Test("A message reads back as it was written")
    func roundTrip() throws {
        let message = TaskMessage(taskID: 9_007_199_254_740_993, jobID: "0190", trace: "00-ab-cd-01")
        #expect(try TaskMessage.decode(message.encode()) == message)
    }

    @Test("The first version is read, also with keys that a newer sender adds")
    func fixture() throws {
        let body = #"{"job_id":"01900000-0000-7000-8000-000000000000","task_id":17,"v":1,"extra":{"a":[1]}}"#
        let message = try TaskMessage.decode(Array(body.utf8))
        #expect(message == TaskMessage(taskID: 17, jobID: "01900000-0000-7000-8000-000000000000"))
    }

    @Test(
        "What can never be handled is poison, and the reason does not quote it",
        arguments: [
            "", "not json", "[]", "null", "{}", #"{"v":2,"task_id":1,"job_id":"secret"}"#, #"{"v":1,"job_id":"secret"}"#,
            #"{"v":1,"task_id":"secret","job_id":"j"}"#, #"{"v":1,"task_id":1.5,"job_id":"j"}"#,
            #"{"v":1,"task_id":99999999999999999999,"job_id":"j"}"#, #"{"v":"1","task_id":1,"job_id":"j"}"#, "\u{FEFF}{",
            String(repeating: "[", count: 10_000), String(repeating: " ", count: 70_000),
        ])
    func poison(_ text: String) {
        let error = #expect(throws: TaskMessage.Poison.self) { try TaskMessage.decode(Array(text.utf8)) }
        #expect(error?.reason.isEmpty == false && error?.reason.contains("secret") == false)
    }
}
