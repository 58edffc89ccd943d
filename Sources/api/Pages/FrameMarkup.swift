extension HTML {
    /// A symbol of the frame, sized with the text beside it.
    static func icon(_ name: StaticString) -> HTML {
        var icon: HTML = ##"<svg class="icon" aria-hidden="true"><use href="#"##
        icon.append(name)
        icon += #""/></svg>"#
        return icon
    }
}

extension PageFrame {
    /// The symbols that pages refer to with `<use>`.
    static let symbols: HTML = #"""
        <svg hidden aria-hidden="true">\#
        <symbol id="i-down" viewBox="0 0 16 16"><path d="m3.5 6 4.5 4.5L12.5 6"/></symbol>\#
        <symbol id="i-right" viewBox="0 0 16 16"><path d="M6 3.5 10.5 8 6 12.5"/></symbol>\#
        <symbol id="i-left" viewBox="0 0 16 16"><path d="M10 3.5 5.5 8l4.5 4.5"/></symbol>\#
        <symbol id="i-search" viewBox="0 0 16 16"><circle cx="7" cy="7" r="4.5"/>\#
        <path d="m10.5 10.5 3.5 3.5"/></symbol>\#
        <symbol id="i-asc" viewBox="0 0 16 16"><path d="m4.5 9.5 3.5-3.5 3.5 3.5"/></symbol>\#
        <symbol id="i-desc" viewBox="0 0 16 16"><path d="m4.5 6.5 3.5 3.5 3.5-3.5"/></symbol>\#
        <symbol id="i-plus" viewBox="0 0 16 16"><path d="M8 3.5v9M3.5 8h9"/></symbol>\#
        <symbol id="i-copy" viewBox="0 0 16 16"><path d="M6 6h7v7H6ZM10 6V3H3v7h3"/></symbol>\#
        <symbol id="i-x" viewBox="0 0 16 16"><path d="m4.5 4.5 7 7m0-7-7 7"/></symbol>\#
        <symbol id="i-warn" viewBox="0 0 16 16"><path d="M8 2.5 14.5 13.5h-13L8 2.5ZM8 6.8v3M8 11.8v.1"/></symbol>\#
        <symbol id="i-pause" viewBox="0 0 16 16"><path d="M5.5 3.5v9m5-9v9"/></symbol>\#
        <symbol id="i-play" viewBox="0 0 16 16"><path d="m5 3.5 7.5 4.5L5 12.5Z"/></symbol>\#
        <symbol id="i-redo" viewBox="0 0 16 16"><path d="M13 8a5 5 0 1 1-1.5-3.5L13 6M13 2.8V6H9.8"/></symbol>\#
        <symbol id="i-theme" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.5"/>\#
        <path d="M8 2.5v11a5.5 5.5 0 0 0 0-11Z" fill="currentColor" stroke="none"/></symbol>\#
        <symbol id="i-help" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.8"/>\#
        <path d="M6.3 6.4a1.8 1.8 0 1 1 2.4 1.8c-.5.2-.7.5-.7 1.1M8 11.3v.1"/></symbol>\#
        </svg>

        """#

    static let mark: HTML = #"""
        <svg viewBox="0 0 20 20" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="2.2" \#
        stroke-linecap="round" d="M3 16.5V11M8 16.5V7.5M13 16.5V9.5"/>\#
        <circle cx="17" cy="4" r="2.2" fill="currentColor"/></svg>
        """#

    /// Where the script says what changed, what it shows where a visit failed, and the bar it shows while it waits.
    static let announcements: HTML = #"""
        <div class="vh" role="status" aria-live="polite" data-announce></div>
        <template data-failure><div class="banner failed" role="alert" data-failed>\#(.icon("i-warn"))\#
        <p>The service gave no answer. What is shown here is from before.</p>\#
        <button class="btn small" type="button">Retry</button></div></template>
        <div class="progress" id="end" data-progress></div>

        """#

    /// The list of keys; the sections are the links of the top bar, of which the script reaches nine.
    var shortcuts: HTML {
        #"""
        <dialog data-shortcuts aria-labelledby="keys-title">
        <header><h2 id="keys-title">Keyboard shortcuts</h2>\#
        <button class="btn ghost icon-only" type="button" data-close aria-label="Close">\#(.icon("i-x"))</button>\#
        </header>
        <dl class="keys">
        <div><dt>Next / previous row</dt><dd><kbd>j</kbd> <kbd>k</kbd></dd></div>
        <div><dt>Open row</dt><dd><kbd>Enter</kbd></dd></div>
        <div><dt>Next / previous page</dt><dd><kbd>n</kbd> <kbd>p</kbd></dd></div>
        <div><dt>Search</dt><dd><kbd>/</kbd></dd></div>
        <div><dt>Tick row to compare</dt><dd><kbd>x</kbd></dd></div>
        <div><dt>Compare what is ticked</dt><dd><kbd>c</kbd></dd></div>
        <div><dt>Clear filters</dt><dd><kbd>Shift</kbd> <kbd>x</kbd></dd></div>
        <div><dt>Go to a section</dt><dd><kbd>g</kbd> then <kbd>1</kbd> to \#
        <kbd>\#(min(places.count, 9))</kbd></dd></div>
        <div><dt>Pause live updates</dt><dd><kbd>l</kbd></dd></div>
        <div><dt>Theme</dt><dd><kbd>t</kbd></dd></div>
        <div><dt>This list</dt><dd><kbd>?</kbd></dd></div>
        </dl>
        <footer><label class="labelled"><input type="checkbox" data-keys-on checked> Single-key shortcuts on</label>\#
        </footer></dialog>

        """#
    }
}
