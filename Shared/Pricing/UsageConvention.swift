/// How a provider counts: whether what came from or went to a cache is part of its input figure, and whether what the
/// model thought is part of its output figure.
///
/// As the providers document it:
///
/// - `openai`, `azure`, `openrouter`: `…_tokens_details` break `prompt_tokens` and `completion_tokens` down, so both
///   kinds are inside.
/// - `google`: cached tokens are inside `promptTokenCount`; thoughts are beside `candidatesTokenCount`, as
///   `thoughtsTokenCount`, and `totalTokenCount` is the sum of all three.
/// - `anthropic`, `bedrock-anthropic`: what was read from and written to a cache is beside `input_tokens`; thoughts are
///   inside `output_tokens`.
package struct UsageConvention: Hashable, Sendable {
    package let cachedInInput: Bool
    package let reasoningInOutput: Bool
    /// Nobody said so: the provider is not one of those whose convention is known.
    package let isAssumed: Bool

    package init(cachedInInput: Bool, reasoningInOutput: Bool, isAssumed: Bool = false) {
        self.cachedInInput = cachedInInput
        self.reasoningInOutput = reasoningInOutput
        self.isAssumed = isAssumed
    }

    package static let openAI = UsageConvention(cachedInInput: true, reasoningInOutput: true)
    package static let google = UsageConvention(cachedInInput: true, reasoningInOutput: false)
    package static let anthropic = UsageConvention(cachedInInput: false, reasoningInOutput: true)
    /// Most services that are not named here speak OpenAI's format.
    package static let assumed = UsageConvention(cachedInInput: true, reasoningInOutput: true, isAssumed: true)

    package init(provider: ProviderName, model: String) {
        switch provider.family {
        case "openai", "azure", "openrouter": self = .openAI
        case "google": self = .google
        case "anthropic", "bedrock-anthropic", "vertex-anthropic": self = .anthropic
        case "bedrock": self = model.lowercased().contains("claude") ? .anthropic : .assumed
        default: self = .assumed
        }
    }
}

/// A provider as sessions and price books write it, or as it can be told from the model.
package struct ProviderName: Hashable, Sendable {
    /// As the session says; in small letters.
    package let stated: String?
    /// The name that conventions and price books use, under which several spellings fall.
    package let family: String
    /// The session does not say; the model's name does.
    package let isGuessed: Bool

    package init(_ stated: String?, model: String) {
        self.stated = stated?.lowercased()
        if let word = self.stated.map({ Self.hyphenated($0) }), !word.isEmpty {
            family = Self.aliases[word] ?? word
            isGuessed = false
        } else {
            family = Self.guess(model) ?? ""
            isGuessed = true
        }
    }

    /// The names under which a price may stand, the closest first.
    package var priced: [String] {
        var names: [String] = []
        for name in [stated ?? "", family, Self.hosts[family] ?? ""] where !name.isEmpty && !names.contains(name) {
            names.append(name)
        }
        return names
    }

    private static let aliases = [
        "open-ai": "openai", "azure-openai": "azure", "azure-ai": "azure", "open-router": "openrouter",
        "gemini": "google", "google-ai": "google", "google-ai-studio": "google", "google-genai": "google",
        "google-vertex": "google", "vertex": "google", "vertex-ai": "google", "gcp.gemini": "google",
        "gcp.vertex-ai": "google", "gcp.gen-ai": "google", "claude": "anthropic", "aws-bedrock": "bedrock",
        "amazon-bedrock": "bedrock", "aws.bedrock": "bedrock", "mistralai": "mistral", "mistral-ai": "mistral",
        "x-ai": "xai", "google-vertex-anthropic": "vertex-anthropic", "az.ai.openai": "azure",
        "azure.ai.openai": "azure",
    ]

    /// With `-` between words. Every session that is taken goes through here.
    private static func hyphenated(_ name: String) -> String {
        String(
            decoding: name.utf8.map { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 },
            as: UTF8.self)
    }

    /// Whose price list holds what is reached through somebody else's interface.
    private static let hosts = ["bedrock-anthropic": "bedrock", "vertex-anthropic": "anthropic"]

    /// By `provider/model`, or by how the makers of models name them.
    private static func guess(_ model: String) -> String? {
        let name = model.lowercased()
        if let slash = name.firstIndex(of: "/") {
            let first = hyphenated(String(name[..<slash]))
            return aliases[first] ?? first
        }
        for (start, provider) in makers where name.hasPrefix(start) { return provider }
        return nil
    }

    private static let makers = [
        ("gpt-", "openai"), ("chatgpt-", "openai"), ("o1", "openai"), ("o3", "openai"), ("o4-", "openai"),
        ("text-embedding-", "openai"), ("claude-", "anthropic"), ("gemini-", "google"), ("deepseek-", "deepseek"),
        ("grok-", "xai"), ("mistral-", "mistral"), ("codestral-", "mistral"),
    ]
}
