import BenchClient
import Glibc
import Model

/// A Hub of any size whose counters have the distributions that were measured on recordings of the real one:
/// quantiles of downloads and likes, nearly all counters refreshed together once a day, a quarter of the changes
/// negative, a third of the models without a library and a quarter without a pipeline, 585 families for each
/// thousand models.
struct MadeUpHub: Sendable {
    static let downloads: [(share: Double, value: Double)] = [
        (0, 0), (0.10, 0), (0.50, 16_168), (0.90, 1.3e6), (0.99, 19e6), (1, 236e6),
    ]
    static let likes: [(share: Double, value: Double)] = [
        (0, 3), (0.10, 6), (0.50, 75), (0.90, 1_166), (0.99, 4_749), (1, 12_745),
    ]
    private static let words = [
        "amber", "basalt", "cedar", "delta", "ember", "fjord", "garnet", "harbor", "indigo", "juniper", "kelp",
        "lumen", "maple", "nimbus", "onyx", "prairie", "quartz", "raven", "sable", "tundra", "umber", "vertex",
        "willow", "xenon", "yarrow", "zephyr",
    ]
    private static let sizes: [(name: String, count: Int64)] = [
        ("0.5B", 494_032_768), ("1B", 1_235_814_400), ("3B", 3_212_749_824), ("7B", 7_241_732_096),
        ("8B", 8_030_261_248), ("14B", 14_770_033_664), ("32B", 32_763_876_352), ("70B", 70_553_706_496),
        ("120B", 116_829_156_672), ("405B", 405_853_388_800),
    ]
    private static let libraries = [
        "transformers", "transformers", "transformers", "diffusers", "gguf", "peft", "sentence-transformers", "timm",
        "mlx", "vllm", "onnx", "keras",
    ]
    private static let pipelines = [
        "text-generation", "text-generation", "text-generation", "image-text-to-text", "text-to-image",
        "feature-extraction", "automatic-speech-recognition", "text-to-speech", "sentence-similarity", "fill-mask",
        "image-classification", "text-classification", "text-to-video", "translation", "object-detection",
    ]
    private static let licenses: [License] = [
        License(id: "apache-2.0", name: "Apache 2.0", kind: .permissive),
        License(id: "apache-2.0", name: "Apache 2.0", kind: .permissive),
        License(id: "mit", name: "MIT", kind: .permissive),
        License(id: "cc-by-nc-4.0", name: "CC BY-NC 4.0", kind: .noncommercial),
        License(id: "gpl-3.0", name: "GPL 3.0", kind: .copyleft),
        License(id: "other", name: nil, kind: .custom),
    ]
    private static let relations: [Relation] = [
        .finetune, .finetune, .quantized, .quantized, .quantized, .adapter, .merge, .unspecified,
    ]

    let models: Int
    /// How many days there are, the newest included.
    let days: Int
    /// When the newest day was observed; the others lie whole days before.
    let newest: Timestamp

    func moment(_ day: Int) -> Timestamp { newest - .days(Int64(days - 1 - day)) }

    /// The first day that has the model; most are there from the beginning.
    func firstDay(_ model: Int) -> Int {
        var chance = Chance(model, 1)
        return days > 1 && chance.below(1_000) < 30 ? 1 + chance.below(days - 1) : 0
    }

    /// Now and then a listing lacks a model that it had the day before.
    func isListed(_ model: Int, on day: Int) -> Bool {
        guard day >= firstDay(model) else { return false }
        var chance = Chance(model &* 64 &+ day, 2)
        return chance.below(1_000) >= 5
    }

    func id(_ model: Int) -> String {
        var chance = Chance(model, 3)
        let owner = Int(pow(chance.share(), 3) * Double(max(8, models / 8)))
        let size = Self.sizes[sizeClass(model)].name
        return "team-\(owner)/\(chance.one(of: Self.words))-\(chance.one(of: Self.words))-\(size)-"
            + String(model, radix: 36)
    }

    private func sizeClass(_ model: Int) -> Int {
        var chance = Chance(model, 4)
        return min(Self.sizes.count - 1, Int(pow(chance.share(), 1.6) * Double(Self.sizes.count)))
    }

    /// Everything but the counters of a day.
    func listing(_ model: Int) -> Listing {
        var chance = Chance(model, 5)
        var listing = Listing(id: ModelID(id(model)))
        listing.createdAt = newest - .hours(24 + Int64(chance.below(24 * 1_400)))
        listing.lastModified = newest - .hours(Int64(chance.below(24 * 700)))
        listing.gated = chance.below(100) < 4 ? .automatic : chance.below(100) < 2 ? .manual : .no
        listing.library = chance.below(3) == 0 ? nil : chance.one(of: Self.libraries)
        listing.pipeline = chance.below(4) == 0 ? nil : chance.one(of: Self.pipelines)
        listing.license = chance.below(10) < 6 ? chance.one(of: Self.licenses) : nil
        if chance.below(100) < 55 {
            listing.parameters = ParameterCount(
                total: Self.sizes[sizeClass(model)].count, active: nil, source: .safetensors)
        }
        if let parent = parent(of: model) {
            listing.parentage = Parentage(
                parent: parent, relation: chance.one(of: Self.relations), source: .baseModels)
        }
        if listing.pipeline == "text-generation" {
            listing.capabilities = [CapabilityClaim(.chat, source: .pipeline)]
            if chance.below(4) == 0 { listing.capabilities.append(CapabilityClaim(.tools, source: .tag)) }
        }
        listing.tags = tags(of: listing, &chance)
        return listing
    }

    /// Of ten models four have a parent, and of those parents three in four are listed themselves.
    private func parent(of model: Int) -> ModelID? {
        var chance = Chance(model, 6)
        guard chance.below(1_000) < 415, model > 0 else { return nil }
        // Few parents have most of the children.
        let other = Int(pow(chance.share(), 4) * Double(model))
        return ModelID(chance.below(100) < 72 ? id(other) : "base-\(other % 997)/" + String(other, radix: 36))
    }

    private func tags(of listing: Listing, _ chance: inout Chance) -> [String] {
        let paper = 2_000 + chance.below(600)
        var tags = ["safetensors", "en", "region:us", "endpoints_compatible", "arxiv:\(paper)"]
        if let library = listing.library { tags.append(library) }
        if let pipeline = listing.pipeline { tags.append(pipeline) }
        if let license = listing.license { tags.append("license:" + license.id) }
        if let parentage = listing.parentage { tags.append("base_model:" + parentage.parent.text) }
        return tags
    }
}

/// The counters of every model, day after day.
struct MadeUpCounters: Sendable {
    private let hub: MadeUpHub
    private(set) var downloads: [Int64]
    private(set) var likes: [Int64]

    /// As they are on the first day.
    init(_ hub: MadeUpHub) {
        self.hub = hub
        downloads = (0..<hub.models).map { model in
            var chance = Chance(model, 7)
            return chance.value(of: MadeUpHub.downloads)
        }
        likes = (0..<hub.models).map { model in
            var chance = Chance(model, 8)
            return chance.value(of: MadeUpHub.likes)
        }
    }

    /// Goes on to the next day: six of seven counters of downloads move, by about 2 %; two models in a thousand leap.
    mutating func goOn(to day: Int) {
        for model in 0..<hub.models {
            var chance = Chance(model &* 64 &+ day, 9)
            let fate = chance.below(1_000)
            if fate < 860 {
                let change = fate < 2 ? 0.9 : 0.012 + 0.02 * chance.deviation()
                downloads[model] = Int64((Double(downloads[model]) * exp(change)).rounded())
            }
            if Double(chance.below(6_000)) < Double(likes[model]) { likes[model] += Int64(1 + chance.below(3)) }
        }
    }

    /// 0 for most of the Hub.
    func trending(_ model: Int, on day: Int) -> Double {
        var chance = Chance(model &* 64 &+ day, 10)
        return chance.below(10) == 0 ? Double(1 + chance.below(40)) : 0
    }
}
