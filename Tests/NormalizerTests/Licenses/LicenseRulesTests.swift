import Deployment
import Model
import TestKit
import Testing

@testable import normalizer

@Suite struct LicenseRulesTests {
    @Test(
        arguments: [
            (License(id: "apache-2.0"), License(id: "apache-2.0", name: "Apache-2.0", kind: .permissive)),
            (License(id: "MIT"), License(id: "mit", name: "MIT", kind: .permissive)),
            (License(id: "gpl-3.0", name: "mine"), License(id: "gpl-3.0", name: "GPL-3.0", kind: .copyleft)),
            (License(id: "cc-by-nc-4.0"), License(id: "cc-by-nc-4.0", name: "CC BY-NC 4.0", kind: .noncommercial)),
            (License(id: "gemma"), License(id: "gemma", name: "Gemma", kind: .custom)),
            (License(id: "cc"), License(id: "cc", name: "Creative Commons")),
            (License(id: "not-on-the-list"), License(id: "not-on-the-list")),
            (License(id: "other"), License(id: "other")),
            (License(id: "other", name: "Modified MIT"), License(id: "other", name: "Modified MIT", kind: .custom)),
            (License(id: "other", name: "modified_mit"), License(id: "other", name: "Modified MIT", kind: .custom)),
            (License(id: "other", name: "mrl"), License(id: "other", name: "Mistral Research", kind: .noncommercial)),
            (License(id: "other", name: "apache-2.0"), License(id: "other", name: "Apache-2.0", kind: .permissive)),
            (License(id: "other", name: "Our Terms"), License(id: "other", name: "Our Terms")),
            (License(id: "unknown"), nil), (nil, nil),
        ] as [(License?, License?)])
    func aLicenceHasItsNameAndClass(stated: License?, expected: License?) throws {
        #expect(try LicenseRules(shippedFolder.licenses()).license(stated) == expected)
    }
}
