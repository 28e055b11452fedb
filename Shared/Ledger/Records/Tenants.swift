public enum Role: String, Sendable, CaseIterable, Codable {
    case admin
    case dataEngineer = "data_engineer"
    case reviewer
}

/// Who a valid API key speaks for.
public struct Principal: Sendable, Equatable {
    public var tenantID: String
    public var keyID: String
    public var keyName: String
    public var role: Role
    public var limits: TenantLimits
}

/// A tenant's limits; 0 means none allowed, nil means no limit.
public struct TenantLimits: Sendable, Equatable {
    /// Jobs that run at the same time; more wait as `pending`.
    public var runningJobs: Int? = 8
    /// Jobs accepted and not ended; more are refused.
    public var openJobs: Int? = 1000
    public var bytesPerJob: Int64?
    public var rowsPerMonth: Int64?
    /// Calls per second, enforced by the API.
    public var callsPerSecond: Int? = 1000
    public init() {}
}

public struct Tenant: Sendable, Equatable {
    public var id: String
    public var name: String
    public var limits: TenantLimits
    public var createdAt: String
}

/// A key as shown once, when it is made: only its hash is stored.
public struct IssuedKey: Sendable {
    public var keyID: String
    public var tenantID: String
    /// Sent as `X-API-Key: <tenant>:<secret>`.
    public var secret: String
    public var role: Role
}
