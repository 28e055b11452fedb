import Domain
import Pipeline
import ServiceKit

// Takes tasks of the queue `pass2`: cleans chunks.
let settings = ServiceSettings.load("pass2-worker", "cleans chunks") {
    try ServiceSettings(name: "pass2-worker", defaultPort: 8082, reader: &$0)
}
let dependencies = ServiceRunner.open(settings)
let runner = StageRunner(
    store: dependencies.store, hmacMasterKey: Array(settings.hmacKey.value.utf8),
    memoryBytes: settings.memoryBytes / settings.slots)
await ServiceRunner.run(dependencies, ServiceRunner.workers(dependencies, queue: .pass2) { try runner.run($0, isCancelled: $1) })
