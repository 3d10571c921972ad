// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "fenliu",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "fenliu", targets: ["fenliu"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // The module map of the system's libhiredis. No `pkgConfig:`, because the `.pc` file of
    // hiredis 0.14 carries a flag that SwiftPM prohibits and warns about on every build.
    .systemLibrary(
      name: "CHiredis",
      providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]
    ),
    // The same of the system's OpenSSL, for TLS.
    .systemLibrary(
      name: "COpenSSL",
      providers: [.apt(["libssl-dev"]), .brew(["openssl"])]
    ),
    .target(name: "HiredisClient", dependencies: ["CHiredis", "COpenSSL"]),
    .target(name: "Routing", dependencies: [.product(name: "Yams", package: "Yams")]),
    // What an audit proves: pure, no I/O.
    .target(name: "RoutingAudit", dependencies: ["Routing"]),
    .target(name: "RoutingLua", resources: [.embedInCode("Lua")]),
    .target(name: "RoutingStore", dependencies: ["HiredisClient", "RoutingLua", "Routing"]),
    .target(
      name: "RouterWorker",
      dependencies: [
        "HiredisClient", "RoutingStore", "Routing",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ]
    ),
    .executableTarget(
      name: "fenliu",
      dependencies: [
        "HiredisClient", "RoutingLua", "RoutingStore", "RouterWorker", "Routing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]
    ),
    // What proves Fenliu: private servers, real processes, loads with known outcomes. For the tests and the battery.
    .target(
      name: "Proving",
      dependencies: ["HiredisClient", "RoutingAudit", "RoutingStore", "Routing"],
      path: "Tests/Proving"
    ),
    // Proving, and what needs swift-testing: a private redis-server per suite.
    .target(
      name: "TestSupport",
      dependencies: ["Proving", "HiredisClient"],
      path: "Tests/TestSupport"
    ),
    // The battery of faults behind `scripts/torture`; not a product.
    .executableTarget(
      name: "torture",
      dependencies: [
        "Proving", "HiredisClient", "RoutingLua", "RoutingStore", "RoutingAudit", "Routing",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]
    ),
    .testTarget(name: "HiredisClientTests", dependencies: ["HiredisClient", "TestSupport"]),
    .testTarget(name: "RoutingTests", dependencies: ["Routing", "TestSupport"]),
    .testTarget(
      name: "RoutingStoreTests",
      dependencies: ["RoutingStore", "RoutingAudit", "RoutingLua", "Routing", "HiredisClient", "TestSupport"]
    ),
    .testTarget(name: "TortureTests", dependencies: ["torture", "TestSupport"]),
    .testTarget(name: "RoutingAuditTests", dependencies: ["RoutingAudit", "Routing", "TestSupport"]),
    .testTarget(
      name: "RouterWorkerTests",
      dependencies: [
        "RouterWorker", "RoutingStore", "RoutingAudit", "Routing", "HiredisClient", "TestSupport", "fenliu",
      ]
    ),
    .testTarget(
      name: "FenliuTests",
      dependencies: ["fenliu", "RoutingStore", "Routing", "HiredisClient", "TestSupport"]
    ),
  ],
  swiftLanguageModes: [.v6]
)

// One set of rules for every target of ours: warnings are errors, imports are explicit.
for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
  ]
}

// The battery judges every step of thousands of trials; unoptimized, that takes longer than the trials.
for target in package.targets where ["RoutingAudit", "torture"].contains(target.name) {
  target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
}
