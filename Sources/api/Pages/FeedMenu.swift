extension HTML {
    /// The choice of feed, as a menu of links; nothing where there is one feed only.
    static func feedMenu(_ feeds: [String], shown: String, path: (String) -> String) -> HTML {
        guard feeds.count > 1 else { return HTML() }
        var menu: HTML = #"""
            <details class="pop right" data-pop="Feed"><summary><span class="k">Feed</span>\#
            <span class="v">\#(shown)</span>\#(.icon("i-down"))</summary><div class="menu">
            """#
        for feed in feeds {
            menu += #"<a href="\#(path(feed))""#
            if feed == shown { menu += #" aria-current="true""# }
            menu += ">\(feed)</a>"
        }
        menu += "</div></details>"
        return menu
    }
}
