public import Domain
public import Tabular

extension SampleFindings {
    /// Enough rows to try related columns on.
    private static let relatedRows = 6_000
    private static let ruleRows = 20_000

    /// - Parameters:
    ///   - batches: normalised rows of the sample.
    ///   - resolution: decided from that sample.
    public static func find(in batches: [TextBatch], resolution: Resolution, recipe: Recipe) -> SampleFindings {
        var out = SampleFindings()
        let small = SampleTable(batches, limit: relatedRows)
        out.rowRules = RowRuleDiscovery.find(batches, resolution, SampleTable(batches, limit: ruleRows), small)
        out.related = RelatedDiscovery.find(resolution, recipe, small)
        let claims = DependencyDiscovery.claims(in: batches, resolution: resolution)
        if !claims.isEmpty { out.claims = claims }
        return out
    }
}
