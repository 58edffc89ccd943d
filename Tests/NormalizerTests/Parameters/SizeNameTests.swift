import Deployment
import Model
import TestKit
import Testing

@testable import normalizer

@Suite struct SizeNameTests {
    @Test(
        arguments: [
            ("Qwen3-8B", 8_000_000_000, nil), ("mixtral-8x7b-instruct", 56_000_000_000, nil),
            ("Qwen3-30B-A3B-Instruct-2507", 30_000_000_000, 3_000_000_000),
            ("Qwen3.5-122B-A10B-NVFP4", 122_000_000_000, 10_000_000_000),
            ("SmolLM2-360M-Instruct", 360_000_000, nil), ("qwen2.5-1.5b", 1_500_000_000, nil),
            ("Qwen1.5-0.5B-Chat", 500_000_000, nil), ("gemma-3n-E4B-it", 8_000_000_000, nil),
            ("stablelm-2-1_6b-chat", 1_600_000_000, nil), ("bloom-1b7", 1_700_000_000, nil),
            ("InternVL2_5-26B", 26_000_000_000, nil), ("c4ai-command-r7b-12-2024", 7_000_000_000, nil),
            ("MixTAO-7Bx2-MoE-v8.1", 14_000_000_000, nil), ("OLMoE-1B-7B-0924", 7_000_000_000, 1_000_000_000),
            ("TinyLlama-1.1B-step-50K-105b", 1_100_000_000, nil), ("Ring-2.5-1T", 1_000_000_000_000, nil),
            ("Flex-public-7B-1T", 7_000_000_000, nil), ("Llama-3-8B-Instruct.Q4_K_M", 8_000_000_000, nil),
            ("llama-7b.gguf", 7_000_000_000, nil), ("llama2.c-stories15M", 15_000_000, nil),
            ("Qwen2.5-14B-Instruct-1M", 14_000_000_000, nil),
        ] as [(String, Int64, Int64?)])
    func aNameStatesASize(name: String, total: Int64, active: Int64?) throws {
        let read = try #require(SizeName(name))
        #expect(read.total == total && read.active == active)
    }

    @Test(arguments: [
        "gemma-4bit", "model-Q4_K_M", "model-v2", "Phi-3-mini-128k-instruct", "Phi-3-mini-4k-instruct-8bit",
        "Llama-4-Scout-17B-16E-Instruct", "Qwen3-8B-speculator.eagle3", "Qwen3-8B-DFlash-b16", "a", "", "b", "8", "-",
        "x-1M-context", "w4a16", "bge-base-en-v1.5", "2.0bpw", "v7b", "99999b", "0b", "1.2.3b", "1xb", "0x7b", "16e",
        "t", "e", "m", "12T", "7bx", "Kimi-VL-A3B-Instruct",
    ])
    func whatCountsSomethingElseIsNoSize(name: String) {
        #expect(SizeName(name) == nil)
    }

    @Test(arguments: [
        ("Qwen3-8B-AWQ-4bit", "qwen3-8b"), ("Kimi-K2-Instruct-GGUF", "kimi-k2-instruct"),
        ("phi-4-unsloth-bnb-4bit", "phi-4"), ("GGUF", "gguf"), ("", ""),
    ])
    func packingIsNoPartOfABareName(name: String, expected: String) {
        #expect(BareName.of(name) == expected)
    }

    /// From the name alone, on counts that the upstream made, and without the curated entries of these models. The
    /// figures to beat are those of one regular expression over the same names.
    @Test func namesFindMoreAndErrLessThanARegularExpression() throws {
        let fixture = try #require(Repository.file("Tests/Fixtures/parameters/exact-counts.tsv"))
        var exact: [ModelID: Int64] = [:]
        for line in fixture.lines where !line.isEmpty {
            let fields = line.split(separator: "\t")
            let total: Int64 = try #require(Int64(fields[1]))
            exact[ModelID(String(fields[0]))] = total
        }
        let rules = ParameterRules(try shippedFolder.sizes().filter { exact[$0.id] == nil })
        var (found, right) = (0, 0)
        for (id, total) in exact {
            guard let named = rules.named(id) else { continue }
            #expect(named.isEstimated)
            found += 1
            right += named.sizeClass == ParameterClass(total: total) ? 1 : 0
        }
        print("sizes from names: \(found) of \(exact.count) found, \(right) of those in the right class")
        #expect(exact.count == 1_852)
        #expect(Double(found) > 0.75 * Double(exact.count))
        #expect(Double(right) > 0.89 * Double(found))
    }
}
