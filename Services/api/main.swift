import ServiceKit

// The REST API: takes files in, makes jobs of them, and gives back status, reports and clean tables.
let settings = ServiceSettings.load("api", "REST API of Data Sanitizer") { try ApiSettings(reader: &$0) }
let dependencies = ServiceRunner.open(settings.service)
await ServiceRunner.run(
    dependencies,
    [
        LedgerGauges(dependencies: dependencies), Collector(dependencies: dependencies, settings: settings),
        try ApiServer.make(dependencies, settings),
    ])
