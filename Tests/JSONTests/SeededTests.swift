import JSON
import Testing

/// A generator whose numbers depend on nothing but the seed (SplitMix64).
private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct SeededTests {
    @Test(arguments: 0..<24 as Range<UInt64>)
    func whatIsWrittenIsReadBack(seed: UInt64) throws {
        var chance = Seeded(state: seed)
        for _ in 0..<40 {
            let value = randomValue(depth: 0, &chance)
            var writer = JSONWriter()
            writer.value(value)
            let bytes = writer.finished()
            let root = try JSONDocument(parsing: bytes).root
            #expect(same(root.value, value))
            var again = JSONWriter()
            again.node(root)
            #expect(again.finished() == bytes)
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func randomBytesNeverCrashTheParser(seed: UInt64) {
        var chance = Seeded(state: seed ^ 0xABCD)
        let alphabet =
            [UInt8]("{}[]:,\"\\u0019dDeE+-.truefalsn \n/x".utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xED, 0xA0, 0xFF]
        for _ in 0..<400 {
            let length = Int.random(in: 0...96, using: &chance)
            let bytes = (0..<length).map { _ in
                Int.random(in: 0..<10, using: &chance) == 0
                    ? UInt8.random(in: 0...255, using: &chance) : alphabet.randomElement(using: &chance) ?? 0
            }
            expectSoundAnswer(bytes)
        }
    }

    @Test(arguments: 0..<24 as Range<UInt64>)
    func aDamagedDocumentNeverCrashesTheParser(seed: UInt64) {
        var chance = Seeded(state: seed ^ 0x1234_5678)
        for _ in 0..<60 {
            var writer = JSONWriter()
            writer.value(randomValue(depth: 0, &chance))
            var bytes = writer.finished()
            for _ in 0..<Int.random(in: 1...3, using: &chance) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &chance)
                switch Int.random(in: 0..<3, using: &chance) {
                case 0: bytes[place] ^= UInt8.random(in: 1...255, using: &chance)
                case 1: bytes.remove(at: place)
                default: bytes.removeLast(bytes.count - place)
                }
            }
            expectSoundAnswer(bytes)
        }
    }

    /// Either a document that can be walked and written, or an error whose place is inside the text.
    private func expectSoundAnswer(_ bytes: [UInt8]) {
        do {
            let document = try JSONDocument(parsing: bytes, limits: JSONLimits(depth: 8))
            var writer = JSONWriter()
            writer.node(document.root)
            #expect(throws: Never.self) { try JSONDocument(parsing: writer.finished()) }
            _ = document.firstDuplicateKey()
            _ = document.firstNullCharacter()
        } catch {
            #expect((0...bytes.count).contains(error.byteOffset ?? 0), "\(bytes): \(error)")
            #expect(
                error.kind == .empty || error.byteOffset != nil,
                "\(String(decoding: bytes, as: UTF8.self).debugDescription): \(error)")
        }
    }

    private func randomValue(depth: Int, _ chance: inout Seeded) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &chance) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &chance))
        case 2: return .integer(Int64(bitPattern: chance.next()) >> Int64.random(in: 0..<64, using: &chance))
        case 3:
            let number = Double(bitPattern: chance.next())
            return .double(number.isFinite ? number : 0.5)
        case 4: return .string(randomText(&chance))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<6, using: &chance)).map { _ in randomValue(depth: depth + 1, &chance) })
        default:
            return .object(
                (0..<Int.random(in: 0..<6, using: &chance)).map { _ in
                    JSONMember(randomText(&chance), randomValue(depth: depth + 1, &chance))
                })
        }
    }

    private func randomText(_ chance: inout Seeded) -> String {
        let ranges: [ClosedRange<UInt32>] = [0...0x7F, 0x20...0x7E, 0x80...0x7FF, 0x800...0xD7FF, 0x1_0000...0x10_FFFF]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &chance) {
            let number = UInt32.random(in: ranges.randomElement(using: &chance) ?? 0...0, using: &chance)
            if let scalar = Unicode.Scalar(number) { text.append(scalar) }
        }
        return String(text)
    }

    /// Equal as ECMAScript sees it: a double without fraction comes back as an integer.
    private func same(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.integer(let one), .double(let other)): Double(one) == other
        case (.array(let one), .array(let other)):
            one.count == other.count && zip(one, other).allSatisfy { same($0, $1) }
        case (.object(let one), .object(let other)):
            one.count == other.count
                && zip(one, other).allSatisfy { Array($0.key.utf8) == Array($1.key.utf8) && same($0.value, $1.value) }
        default: left == right
        }
    }
}
