import Testing

@testable import helicarrier

@Suite struct PrintingTests {
    @Test func columnsAreAlignedAndLinesEndWithoutSpaces() {
        var table = TextTable([.left("NAME"), .right("COUNT"), .left("NOTE")])
        table.add(["a", "5", ""])
        table.add(["longer", "1234", "x"])
        table.add([nil, nil, nil])
        #expect(
            table.text() == """
                NAME    COUNT  NOTE
                a           5
                longer   1234  x
                –           –  –

                """)
    }

    @Test func coloursDoNotMoveColumns() {
        var table = TextTable([.left("A"), .right("B")])
        table.add(["x", "10"], colours: [0: .red])
        let text = table.text { text, colour in "<\(colour.rawValue)>\(text)" }
        #expect(text == "<1>A  <1> B\n<31>x  10\n" || text == "<1>A   <1>B\n<31>x  10\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("two\nlines", "two lines"), ("tab\there", "tab here"), ("\u{1B}[31mred", "?[31mred"),
        ("bell\u{7}", "bell?"), ("\u{202E}backwards", "?backwards"), ("Zürich 東京", "Zürich 東京"), ("a\u{9B}b", "a?b"),
    ])
    func textFromOutsideCannotSteerTheTerminal(text: String, shown: String) {
        #expect(Printable.line(text) == shown)
    }

    @Test(arguments: [
        (Duration.milliseconds(0), "0 ms"), (.milliseconds(-5), "0 ms"), (.milliseconds(999), "999 ms"),
        (.milliseconds(2_449), "2.4 s"), (.milliseconds(59_999), "59.9 s"), (.seconds(60), "1m 0s"),
        (.seconds(3_725), "1h 2m"), (.seconds(90_000), "1d 1h"),
    ])
    func durations(duration: Duration, text: String) {
        #expect(Spoken.duration(duration) == text)
    }

    @Test(arguments: [
        (Int64(0), "0 B"), (1_023, "1023 B"), (1_024, "1.0 KiB"), (1_536, "1.5 KiB"), (1 << 20, "1.0 MiB"),
        (77 << 30, "77.0 GiB"), (5 << 40, "5.0 TiB"),
    ])
    func bytes(count: Int64, text: String) {
        #expect(Spoken.bytes(count) == text)
    }

    @Test(arguments: [
        (0, 10, "load ░░░░░░░░ 0/10"), (5, 10, "load ████░░░░ 5/10"), (10, 10, "load ████████ 10/10"),
        (12, 10, "load ████████ 12/10"), (0, 0, "load ░░░░░░░░ 0/0"),
    ])
    func bars(done: Int, total: Int, line: String) {
        #expect(ProgressBar.line("load", done, of: total, width: 8) == line)
    }

    @Test func withoutATerminalThereIsNoBar() throws {
        let world = try CommandWorld()
        let bar = ProgressBar("load", on: world.session.terminal)
        bar.show(1, of: 2)
        bar.clear()
        #expect(world.errors.isEmpty)
    }
}
