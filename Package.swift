// swift-tools-version: 6.2
import PackageDescription

// Warnings are errors where SANITIZER_STRICT is set (continuous integration, `make check`).
// SANITIZER_ENGINE_ONLY leaves out the services and their dependencies: the engine and its tests build in a minute.
let engineOnly = Context.environment["SANITIZER_ENGINE_ONLY"] != nil
/// SANITIZER_FUZZ adds the fuzzer's executable to an engine-only build (`make fuzz`).
let fuzzing = engineOnly && Context.environment["SANITIZER_FUZZ"] != nil
let strict = Context.environment["SANITIZER_STRICT"] != nil

let common: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// Modules of the data path: exclusive-access checks are proven statically or left out, as in the C kernels beside them.
let engine = common + [.unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]

// Arrow comes from `scripts` in deploy (see deploy/setup/arrow.sh): found through pkg-config, loaded by rpath.
let arrowLibraries = Context.packageDirectory + "/.deps/arrow/lib"
let arrowLinker: [LinkerSetting] = [
    .unsafeFlags(
        ["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN", "-Xlinker", "-rpath", "-Xlinker", arrowLibraries],
        .when(platforms: [.linux]))
]

func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = common,
    resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: [], resources: resources,
        swiftSettings: settings)
}

func service(
    _ name: String, _ folder: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Services/\(folder)", resources: resources, swiftSettings: common,
        linkerSettings: arrowLinker)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: common,
        linkerSettings: arrowLinker)
}

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioFoundation: Target.Dependency = .product(name: "NIOFoundationCompat", package: "swift-nio")
let nioHTTPTypes: Target.Dependency = .product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

let shims: [Target] = [
    .systemLibrary(name: "CCrypto", path: "Shared/CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CUtf8proc", path: "Shared/CUtf8proc", providers: [.apt(["libutf8proc-dev"])]),
    .systemLibrary(name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZip", path: "Shared/CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(
        name: "CXlsxWriter", path: "Shared/CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(name: "CExpat", path: "Shared/CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
    .systemLibrary(name: "CZstd", path: "Shared/CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLibPQ", path: "Shared/CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(
        name: "CRabbitMQ", path: "Shared/CRabbitMQ", pkgConfig: "librabbitmq", providers: [.apt(["librabbitmq-dev"])]),
    .systemLibrary(name: "CLinux", path: "Shared/CLinux"),
    .systemLibrary(name: "CArrowSys", path: "Shared/CArrowSys", pkgConfig: "swift-arrow"),
    // C++20 would take the headers of CScan for modules.
    .target(
        name: "CArrowShim", dependencies: ["CArrowSys", "CScan"], path: "Shared/CArrowShim",
        cxxSettings: [.unsafeFlags(["-fno-cxx-modules"])], linkerSettings: arrowLinker),
    .target(name: "CFetch", path: "Shared/CFetch", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CScan", path: "Shared/CScan", cSettings: [.unsafeFlags(["-O3"])]),
]

let engineModules: [Target] = [
    module("Domain"),
    module("Failpoints"),
    module("Tabular", ["Domain", "CCrypto", "CScan", "CLinux"], settings: engine),
    module(
        "Formats", ["Domain", "Tabular", "CScan", "CArrowShim", "CZlib", "CZstd", "CZip", "CExpat", "CXlsxWriter"],
        settings: engine),
    module("Profiling", ["Domain", "Tabular", "CScan"], settings: engine),
    module("Cleaning", ["Domain", "Tabular", "Profiling", "CScan", "CUtf8proc"], settings: engine),
    module("Matching", ["Domain", "Tabular", "CScan", "CUtf8proc"], settings: engine),
    module("ObjectStore", ["Domain", "Tabular", "CArrowShim", "CFetch", "Failpoints"]),
    module(
        "Pipeline",
        ["Domain", "Tabular", "Formats", "Profiling", "Cleaning", "Matching", "ObjectStore", "CLinux", yaml], settings: engine),
    module("Generation", ["Domain", "Tabular", "Formats"], settings: engine),
]

let platformModules: [Target] = [
    module("JobLifecycle", ["Domain"]),
    module("PollThread", ["CLinux"]),
    module(
        "Ledger", ["Domain", "JobLifecycle", "Tabular", "PollThread", "Failpoints", "CLibPQ", logging],
        resources: [.embedInCode("SQL")]),
    module("Messaging", ["Domain", "JobLifecycle", "PollThread", "Failpoints", "CRabbitMQ", logging]),
    module(
        "ServiceKit",
        [
            "Domain", "JobLifecycle", "Ledger", "Messaging", "ObjectStore", "Pipeline", "Tabular", "Failpoints", hummingbird,
            lifecycle, logging, nio, httpTypes, signals,
        ]),
]

/// The command line; without the services it has no client commands.
let commandLine: Target = .executableTarget(
    name: "Sanitizer",
    dependencies: ["Pipeline", "Generation", "Formats", "ObjectStore", "Domain", "Tabular", arguments]
        + (engineOnly ? [] : ["Ledger", "Messaging", httpClient, nio, nioHTTP1, nioFoundation, logging]),
    path: "Services/sanitizer", exclude: engineOnly ? ["Client"] : [],
    swiftSettings: common + (engineOnly ? [.define("ENGINE_ONLY")] : []), linkerSettings: arrowLinker)

let workerDependencies: [Target.Dependency] = [
    "ServiceKit", "Pipeline", "Ledger", "Messaging", "ObjectStore", "Domain", lifecycle, logging,
]
let services: [Target] = [
    service(
        "Api", "api", workerDependencies + ["Formats", "Tabular", "Failpoints", hummingbird, nio, httpTypes, nioHTTPTypes],
        resources: [.embedInCode("Docs/openapi.json"), .embedInCode("Docs/docs.html")]),
    service("Pass1Worker", "pass1-worker", workerDependencies),
    service("Pass2Worker", "pass2-worker", workerDependencies),
    service("Reporter", "reporter", workerDependencies),
]

let engineTests: [Target] = [
    tests("TabularTests", ["Tabular", "Domain"]),
    tests(
        "FormatsTests", ["Formats", "Tabular", "Domain", "CScan"],
        resources: ["coded", "plain", "fallback", "far"].map { .embedInCode("Parquet/Fixtures/\($0).parquet") }),
    tests("ProfilingTests", ["Profiling", "Tabular", "Domain"]),
    tests("CleaningTests", ["Cleaning", "Profiling", "Tabular", "Domain"]),
    tests("MatchingTests", ["Matching", "Tabular", "Domain", "CScan"]),
    tests("ObjectStoreTests", ["ObjectStore", "Tabular", "Domain", "CFetch"]),
    tests("PipelineTests", ["Pipeline", "Matching", "Generation", "ObjectStore", "Formats", "Tabular", "Domain"]),
    tests("GenerationTests", ["Generation", "Tabular", "Domain"]),
]
let platformTests: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["Ledger", "Messaging", "Domain", "Tabular", "CLibPQ", logging],
        path: "Tests/TestSupport",
        swiftSettings: common),
    tests("JobLifecycleTests", ["JobLifecycle", "Domain"]),
    tests("LedgerTests", ["Ledger", "JobLifecycle", "Messaging", "Tabular", "Domain", "TestSupport", logging]),
    tests("MessagingTests", ["Messaging", "Domain", "TestSupport", logging]),
    tests("ServiceKitTests", ["ServiceKit", "Failpoints", "Domain"]),
    tests(
        "IntegrationTests",
        [
            "ServiceKit", "Ledger", "Messaging", "ObjectStore", "Pipeline", "Generation", "Tabular", "Failpoints", "Domain",
            "Api",
            "Pass1Worker", "Pass2Worker", "Reporter", "Sanitizer", "TestSupport", httpClient, nio, nioHTTP1,
        ]),
]

/// The parsers of the services come as single files: their modules need libraries that an engine-only build leaves out. So does a
/// helper of the tests, which are left out here.
let fuzzer: [Target] = [
    .executableTarget(
        name: "Fuzz", dependencies: ["Pipeline", "Formats", "Tabular", "Domain"], path: ".",
        sources: [
            "Tests/Fuzzing/FuzzTarget.swift", "Tests/Fuzzing/SheetParts.swift", "Tests/FormatsTests/Zip/ZipMaker.swift",
            "Shared/Messaging/TaskMessage.swift",
            "Shared/ServiceKit/HTTP/MultipartParser.swift", "Shared/ServiceKit/HTTP/MultipartPart+Headers.swift",
        ],
        swiftSettings: common + [.unsafeFlags(["-parse-as-library"])], linkerSettings: arrowLinker)
]

let engineNames = [
    "Domain", "Failpoints", "Tabular", "Formats", "Profiling", "Cleaning", "Matching", "ObjectStore", "Pipeline", "Generation",
]
let platformNames = ["JobLifecycle", "Ledger", "Messaging", "ServiceKit"]

let package = Package(
    name: "data-sanitizer",
    products: [.library(name: "Shared", targets: engineNames + (engineOnly ? [] : platformNames))]
        + [.executable(name: "sanitizer", targets: ["Sanitizer"])]
        + (engineOnly
            ? []
            : [
                .executable(name: "api", targets: ["Api"]),
                .executable(name: "pass1-worker", targets: ["Pass1Worker"]),
                .executable(name: "pass2-worker", targets: ["Pass2Worker"]),
                .executable(name: "reporter", targets: ["Reporter"]),
            ]),
    dependencies: [
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ]
        + (engineOnly
            ? []
            : [
                .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
                .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
                .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
                .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
                .package(url: "https://github.com/apple/swift-http-types", from: "1.5.1"),
                .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
                .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
            ]),
    targets: shims + engineModules + [commandLine] + (fuzzing ? fuzzer : engineTests)
        + (engineOnly ? [] : platformModules + services + platformTests),
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)
