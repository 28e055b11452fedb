import ServiceKit

// The REST API: takes files in, makes jobs of them, and gives back status, reports and clean tables.
let settings = ServiceSettings.load("api", "REST API of Data Sanitizer") { try ApiSettings(reader: &$0) }
let dependencies = ServiceRunner.open(settings.service)
let admission = Admission(openJobs: settings.openJobs, outbox: settings.outboxLimit)
await ServiceRunner.run(
    dependencies,
    [
        LedgerGauges(dependencies: dependencies, admission: admission), Collector(dependencies: dependencies, settings: settings),
        try ApiServer.make(dependencies, settings, admission),
    ])
