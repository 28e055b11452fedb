import Domain
import Pipeline
import ServiceKit

// Takes tasks of the queue `report`: reconciles counts and writes reports.
let settings = ServiceSettings.load("reporter", "reconciles counts and writes reports") {
    try ServiceSettings(name: "reporter", defaultPort: 8083, reader: &$0)
}
let dependencies = ServiceRunner.open(settings)
let runner = StageRunner(
    store: dependencies.store, hmacMasterKey: Array(settings.hmacKey.value.utf8),
    memoryBytes: settings.memoryBytes / settings.slots)
await ServiceRunner.run(dependencies, ServiceRunner.workers(dependencies, queue: .report) { try runner.run($0, isCancelled: $1) })
