import Model

/// How closed vocabularies are written on pages.
extension Capability {
    var words: String {
        switch self {
        case .chat: "Chat"
        case .reasoning: "Reasoning"
        case .tools: "Tool calling"
        case .vision: "Vision"
        case .audioIn: "Audio in"
        case .audioOut: "Audio out"
        case .imageOut: "Image out"
        case .video: "Video"
        case .embeddings: "Embeddings"
        case .rerank: "Reranking"
        case .code: "Code"
        case .json: "Structured output"
        case .longContext: "Long context"
        case .moe: "Mixture of experts"
        }
    }

    /// In the middle of a list.
    var shortWords: String {
        switch self {
        case .tools: "tools"
        case .json: "JSON"
        case .moe: "MoE"
        case .rerank: "reranking"
        case .longContext: "long context"
        case .audioIn: "audio in"
        case .audioOut: "audio out"
        case .imageOut: "image out"
        default: rawValue
        }
    }
}

extension ParameterClass {
    var words: String {
        switch self {
        case .below1B: "under 1B"
        case .from1B: "1B to 3B"
        case .from3B: "3B to 8B"
        case .from8B: "8B to 15B"
        case .from15B: "15B to 40B"
        case .from40B: "40B to 100B"
        case .from100B: "100B to 300B"
        case .from300B: "300B and more"
        }
    }
}

extension ParameterSource {
    var words: String {
        switch self {
        case .safetensors: "from the weight files (safetensors)"
        case .gguf: "from the weight files (GGUF)"
        case .curated: "from the curated table"
        case .name: "estimated from the name"
        }
    }
}

extension LicenseClass {
    var words: String {
        switch self {
        case .permissive: "Permissive"
        case .copyleft: "Copyleft"
        case .noncommercial: "Non-commercial"
        case .custom: "Custom terms"
        }
    }

    /// What the class lets people do, in a sentence.
    var explanation: String {
        switch self {
        case .permissive: "Any use, with notices kept"
        case .copyleft: "Any use; what is derived stays under the same licence"
        case .noncommercial: "No commercial use"
        case .custom: "Terms of its own: read them before use"
        }
    }
}

extension Relation {
    var words: String {
        switch self {
        case .finetune: "Fine-tunes"
        case .quantized: "Quantisations"
        case .adapter: "Adapters"
        case .merge: "Merges"
        case .unspecified: "Derived, not said how"
        }
    }

    /// Of one model: "a fine-tune of".
    var phrase: String {
        switch self {
        case .finetune: "fine-tune of"
        case .quantized: "quantisation of"
        case .adapter: "adapter of"
        case .merge: "merge of"
        case .unspecified: "derived from"
        }
    }
}

extension LineageSource {
    var words: String {
        switch self {
        case .baseModels: "the Hub's list of base models"
        case .tag: "a tag"
        case .cardData: "the model card"
        case .peft: "the adapter's configuration"
        case .modelType: "the architecture"
        case .curated: "the curated table"
        }
    }
}

extension Gated {
    var words: String {
        switch self {
        case .no: "Open to all"
        case .automatic: "Terms to accept"
        case .manual: "Access on request"
        }
    }
}

extension CapabilitySource {
    var words: String {
        switch self {
        case .curated: "curated table"
        case .inherited: "curated table, by its base model"
        case .pipeline: "pipeline tag"
        case .tag: "tag"
        case .derived: "derived from other facts"
        }
    }
}

extension AnomalyRule {
    var words: String {
        switch self {
        case .downloads: "Downloads"
        case .velocity: "Likes"
        }
    }
}

extension ModelSort.Key {
    /// The direction that is of use first.
    var beginsDescending: Bool { self != .name }
}
