internal import Tabular

extension JobLedger {
    /// - Returns: false when there is such a tenant already (it is left as it is).
    @discardableResult public func createTenant(
        _ id: String, name: String, limits: TenantLimits = TenantLimits(), actor: String
    ) async throws -> Bool {
        let made = try await run(Statements.createTenant, [id, name] + Self.arguments(limits))
        if made.count > 0 { try await audit(tenantID: id, jobID: nil, actor: actor, action: "tenant.created") }
        return made.count > 0
    }

    public func tenants() async throws -> [Tenant] {
        let rows = try await run(Statements.tenants)
        return (0..<rows.count).map { row in
            Tenant(
                id: rows.text(row, 0) ?? "", name: rows.text(row, 1) ?? "", limits: Self.limits(rows, row, from: 3),
                createdAt: rows.text(row, 2) ?? "")
        }
    }

    /// - Returns: false when there is no such tenant.
    public func setLimits(_ limits: TenantLimits, tenantID: String, actor: String) async throws -> Bool {
        let answers = try await run([
            Call(Statements.setLimits, [tenantID] + Self.arguments(limits)),
            Call(Statements.appendAudit, [tenantID, nil, actor, "tenant.limits", "{}"]),
        ])
        return answers[0].affected > 0
    }

    // MARK: keys

    /// Makes a key. Its secret is in the answer and nowhere else.
    /// - Parameter lifetime: nil for a key that does not expire.
    public func createKey(
        tenantID: String, name: String, role: Role, lifetime: Duration? = nil, actor: String
    ) async throws -> IssuedKey {
        try await createKey(
            tenantID: tenantID, name: name, role: role, secret: Self.newSecret(), lifetime: lifetime, actor: actor)
    }

    /// As ``createKey(tenantID:name:role:lifetime:actor:)``, with a secret that an operator brings; at least 16 characters.
    public func createKey(
        tenantID: String, name: String, role: Role, secret: String, lifetime: Duration? = nil, actor: String
    ) async throws -> IssuedKey {
        guard secret.utf8.count >= 16 else { throw LedgerError(.invalidArgument, "a key's secret needs at least 16 characters") }
        let id = Identifier.make()
        let answers = try await run([
            Call(
                Statements.createKey,
                [id, tenantID, name, Self.hash(secret), role.rawValue, lifetime.map(Argument.milliseconds)]),
            Call(Statements.auditKey, [id, actor, "key.created"]),
        ])
        guard answers[0].count > 0 else { throw LedgerError(.invalidArgument, "there is no such tenant") }
        return IssuedKey(keyID: id, tenantID: tenantID, secret: secret, role: role)
    }

    /// A new key in the place of an old one, which works for `overlap` longer.
    /// - Returns: nil when the old key is unknown, expired or revoked.
    public func rotateKey(_ keyID: String, overlap: Duration, actor: String) async throws -> IssuedKey? {
        guard let old = Identifier.canonical(keyID) else { return nil }
        let id = Identifier.make()
        let secret = Self.newSecret()
        let answers = try await run([
            Call(Statements.rotateKey, [old, id, Self.hash(secret), Argument.milliseconds(overlap)]),
            Call(Statements.auditKey, [id, actor, "key.rotated"]),
        ])
        guard answers[0].count > 0, let role = answers[0].text(0, 1).flatMap(Role.init(rawValue:)) else { return nil }
        return IssuedKey(keyID: id, tenantID: answers[0].text(0, 0) ?? "", secret: secret, role: role)
    }

    /// - Returns: false when there is no such key, or it was revoked before.
    public func revokeKey(_ keyID: String, actor: String) async throws -> Bool {
        guard let id = Identifier.canonical(keyID) else { return false }
        let answers = try await run([
            Call(Statements.revokeKey, [id]), Call(Statements.auditKey, [id, actor, "key.revoked"]),
        ])
        return answers[0].count > 0
    }

    /// nil for an unknown, expired or revoked key: the caller cannot tell which.
    ///
    /// The database compares hashes of 32 random bytes, so the time it takes says nothing about the secret.
    public func authenticate(tenantID: String, secret: String) async throws -> Principal? {
        // What no tenant and no secret can hold is not worth a question.
        guard !tenantID.utf8.contains(0), tenantID.utf8.count <= 63, secret.utf8.count <= 512 else { return nil }
        let rows = try await run(Statements.authenticate, [tenantID, Self.hash(secret)])
        guard rows.count > 0, let role = rows.text(0, 2).flatMap(Role.init(rawValue:)) else { return nil }
        return Principal(
            tenantID: tenantID, keyID: rows.text(0, 0) ?? "", keyName: rows.text(0, 1) ?? "", role: role,
            limits: Self.limits(rows, 0, from: 3))
    }

    private static func newSecret() -> String { Hex.encode(SecureRandom.bytes(32)) }
    private static func hash(_ secret: String) -> String { "\\x" + SHA256.hex(secret) }

    private static func arguments(_ limits: TenantLimits) -> [String?] {
        [
            Argument.optional(limits.runningJobs), Argument.optional(limits.openJobs), Argument.optional(limits.bytesPerJob),
            Argument.optional(limits.rowsPerMonth), Argument.optional(limits.callsPerSecond),
        ]
    }
    private static func limits(_ rows: Rows, _ row: Int, from column: Int) -> TenantLimits {
        var limits = TenantLimits()
        limits.runningJobs = rows.int(row, column).map(Int.init)
        limits.openJobs = rows.int(row, column + 1).map(Int.init)
        limits.bytesPerJob = rows.int(row, column + 2)
        limits.rowsPerMonth = rows.int(row, column + 3)
        limits.callsPerSecond = rows.int(row, column + 4).map(Int.init)
        return limits
    }
}
