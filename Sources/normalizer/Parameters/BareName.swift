/// A model's name without what only says how its weights are packed: `Qwen3-8B-AWQ-4bit` is a `qwen3-8b`.
enum BareName {
    static func of(_ name: String) -> String {
        var words = name.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" })
        while words.count > 1, let last = words.last, packing.contains(String(last)) { words.removeLast() }
        return words.joined(separator: "-")
    }

    private static let packing: Set<String> = [
        "gguf", "awq", "gptq", "autoround", "bnb", "exl2", "exl3", "imatrix", "i1", "mlx", "onnx", "unsloth", "hf",
        "fp4", "fp8", "fp16", "f16", "bf16", "nvfp4", "nvfp4a16", "mxfp4", "int4", "int8", "w4a16", "w8a8", "w8a16",
        "q4", "q8", "ud", "qat", "dynamic", "static", "quant", "quantized", "g128", "dq", "1bit", "2bit",
        "3bit", "4bit", "5bit", "6bit", "8bit",
    ]
}
