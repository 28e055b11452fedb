import Domain
import Pipeline
import ServiceKit

// Takes tasks of the queue `pass1`: plans jobs, profiles and fingerprints chunks, finds duplicates.
let settings = ServiceSettings.load("pass1-worker", "plans jobs, profiles and fingerprints chunks, finds duplicates") {
    try ServiceSettings(name: "pass1-worker", defaultPort: 8081, reader: &$0)
}
let dependencies = ServiceRunner.open(settings)
let runner = StageRunner(
    store: dependencies.store, hmacMasterKey: Array(settings.hmacKey.value.utf8),
    memoryBytes: settings.memoryBytes / settings.slots)
await ServiceRunner.run(dependencies, ServiceRunner.workers(dependencies, queue: .pass1) { try runner.run($0, isCancelled: $1) })
