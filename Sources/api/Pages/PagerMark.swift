extension HTML {
    /// The line under a list: which rows are shown, and links to the pages beside this one.
    static func pager(_ index: PageIndex, path: (Int) -> String, after: HTML = HTML()) -> HTML {
        guard index.total > 0 else { return HTML() }
        var pager: HTML = #"""
            <nav class="pager" aria-label="Pages">\#
            <span class="num">\#(Figures.exact(Int64(index.rows.lowerBound + 1)))\#
            –\#(Figures.exact(Int64(index.rows.upperBound))) of \#(Figures.exact(Int64(index.total)))</span>
            """#
        if index.count > 1 {
            pager += #"<span class="end">"#
            pager += step(index.previous.map(path), rel: "prev", content: "\(.icon("i-left"))Previous")
            pager += #"<span class="num">Page \#(index.number) of \#(index.count)</span>"#
            pager += step(index.next.map(path), rel: "next", content: "Next\(.icon("i-right"))")
            pager += "</span>"
        }
        pager += after
        pager += "</nav>\n"
        return pager
    }

    private static func step(_ path: String?, rel: HTML, content: HTML) -> HTML {
        guard let path else { return #"<span class="btn small" aria-disabled="true">\#(content)</span>"# }
        return #"<a class="btn small" id="page-\#(rel)" rel="\#(rel)" href="\#(path)" data-nav>\#(content)</a>"#
    }
}
