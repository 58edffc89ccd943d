package import Model

/// What a session cost and how that is known: the provider's bill beside the price book's figure.
package struct PricedUsage: Hashable, Sendable {
    package let account: TokenAccount
    package let provider: ProviderName
    /// What the provider charged.
    package let billed: Int64?
    package let computed: ComputedCost?
    /// Why nothing was computed.
    package let reason: UnpricedReason?

    package init(
        report: TokenReport, billed: Int64?, provider stated: String?, model: String, at moment: Timestamp,
        shelf: PriceShelf, now: Timestamp
    ) {
        provider = ProviderName(stated, model: model)
        account = TokenAccount(report, convention: UsageConvention(provider: provider, model: model))
        self.billed = billed
        switch shelf.cost(of: account, provider: provider, model: model, at: moment, now: now) {
        case .success(let cost):
            computed = cost
            reason = nil
        case .failure(let unpriced):
            computed = nil
            reason = unpriced.reason
        }
    }

    /// What was charged, else what the book says.
    package var cost: Int64? { billed ?? computed?.nanoUSD }

    package var costSource: CostSource {
        billed != nil ? .providerReported : computed != nil ? .estimatedFromPricing : .unknown
    }

    package var costConfidence: CostConfidence {
        switch costSource {
        case .providerReported: .exact
        case .estimatedFromPricing: .estimated
        case .unknown: .unknown
        }
    }

    package var costLevel: Confidence {
        switch costSource {
        case .providerReported: .high
        // A book's figure is never better than the tokens it is made of, nor than the guess of who was paid.
        case .estimatedFromPricing: provider.isGuessed || account.confidence == .low ? .low : .medium
        case .unknown: .unknown
        }
    }

    package var pricingVersion: String? {
        billed != nil ? PriceBook.providerNative : computed?.version
    }

    /// By how much the bill is higher than the book's figure.
    package var drift: Int64? {
        guard let billed, let computed else { return nil }
        return billed - computed.nanoUSD
    }
}
