import TestKit
import Testing

/// Tests that look like tests are tests, and none of them waits for the clock.
@Suite struct RunTests {
    /// Swift Testing skips a test function that lost its attribute, and says nothing. A function that others call is
    /// part of their tests.
    @Test func everyTestFunctionRuns() {
        var count = 0
        for (target, files) in Dictionary(grouping: SourceText.tests, by: SourceText.target) {
            let text = files.map(\.text).joined(separator: "\n")
            for file in files {
                for function in Function.all(in: file) where function.name != "init" {
                    let isTest = (function.attributes + [function.body.first ?? ""]).contains { $0.contains("@Test") }
                    count += isTest ? 1 : 0
                    let expects = function.body.contains { $0.contains("#expect(") || $0.contains("#require(") }
                    guard expects, !isTest, text.ranges(of: function.name).count < 2 else { continue }
                    Issue.record("\(file.path):\(function.line) \(function.name) is never run in \(target): add @Test")
                }
            }
        }
        #expect(count > 300, "the search for tests no longer finds them")
    }

    @Test func everyTestHasAName() {
        for file in SourceText.tests {
            for function in Function.all(in: file)
            where function.name.hasPrefix("test") && function.name.dropFirst(4).first?.isUppercase == true {
                Issue.record("\(file.path):\(function.line) \(function.name): say what happens, not that it is a test")
            }
        }
    }

    /// A test that sleeps is slow on a fast machine and wrong on a slow one.
    @Test func testsWaitForEvents() {
        let sleeps = ["Task.sl" + "eep", "usl" + "eep(", " sl" + "eep(", "nanosl" + "eep("]
        // The work of that process takes time, as work does; the tests that start it wait for what it says.
        for file in SourceText.tests where SourceText.target(of: file) != "Tests/FaultWorker" {
            for (index, line) in file.lines.enumerated() {
                for sleep in sleeps where line.contains(sleep) {
                    Issue.record("\(file.path):\(index + 1) sleeps: wait for an event, or move TestKit's ManualTime")
                }
            }
        }
    }

    @Test func noTestIsSwitchedOff() {
        for file in SourceText.tests {
            for (index, line) in file.lines.enumerated() where line.contains(".disa" + "bled(") {
                Issue.record("\(file.path):\(index + 1) is switched off: make it pass, or delete it")
            }
        }
    }

    /// A forced failure shows a stack trace instead of what was expected.
    @Test func nothingIsForced() {
        for file in SourceText.swift {
            for (index, line) in file.lines.enumerated()
            where line.contains("try" + "! ") || line.contains(" as" + "! ") {
                Issue.record("\(file.path):\(index + 1) forces: use #require in a test, throw elsewhere")
            }
        }
    }
}
