import TestKit
import Testing

@testable import api

@Suite struct CursorTests {
    private static let key = [UInt8](1...32)
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

    @Test(arguments: [
        Cursor(snapshot: "hub-20260504T084319965Z", query: "models feed=hub", offset: 25),
        Cursor(snapshot: "", query: "", offset: 0), Cursor(snapshot: "s", query: "é 模型 \u{1f999}", offset: .max),
    ])
    func aCursorComesBackAsItWas(cursor: Cursor) {
        #expect(Cursor(sealed: cursor.sealed(with: Self.key), key: Self.key) == cursor)
        #expect(cursor.sealed(with: Self.key) == cursor.sealed(with: Self.key))
        #expect(Cursor(sealed: cursor.sealed(with: Self.key), key: [UInt8](2...33)) == nil)
        #expect(cursor.sealed(with: Self.key).allSatisfy { Self.alphabet.contains($0) })
    }

    @Test func noCharacterCanBeChangedDroppedOrAdded() {
        let sealed = Array(Cursor(snapshot: "hub-1", query: "models feed=hub", offset: 25).sealed(with: Self.key))
        for place in sealed.indices {
            for letter in Self.alphabet where letter != sealed[place] {
                var changed = sealed
                changed[place] = letter
                #expect(Cursor(sealed: String(changed), key: Self.key) == nil)
            }
            var shorter = sealed
            shorter.remove(at: place)
            #expect(Cursor(sealed: String(shorter), key: Self.key) == nil)
        }
        for letter in Self.alphabet { #expect(Cursor(sealed: String(sealed + [letter]), key: Self.key) == nil) }
    }

    @Test(arguments: ["", "=", "AAAA", "x y", "\u{0}", "é", String(repeating: "A", count: 4_000)])
    func garbageIsNoCursor(text: String) {
        #expect(Cursor(sealed: text, key: Self.key) == nil)
    }

    @Test(arguments: UInt64(1)...20)
    func randomLettersAreNoCursor(seed: UInt64) {
        var chance = SplitMix64(seed: seed)
        let length = Int.random(in: 1...120, using: &chance)
        let text = String((0..<length).compactMap { _ in Self.alphabet.randomElement(using: &chance) })
        #expect(Cursor(sealed: text, key: Self.key) == nil)
    }
}
