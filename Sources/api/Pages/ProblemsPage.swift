/// The page that explains each code of a problem answer.
struct ProblemsPage: Sendable {
    let theme: Theme
    let assets: AssetCatalog

    func render() -> [UInt8] {
        PageFrame(title: "Problems", place: nil, theme: theme, assets: assets).render { page in
            page +=
                #"<div class="head"><div><h1>Problems</h1><p class="sub">What error codes mean.</p></div></div>"#
            page += #"<section class="panel" aria-label="Codes"><table><thead><tr><th scope="col">Code</th>"#
            page += #"<th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>"#
            for code in Problem.Code.allCases {
                page += #"<tr id="\#(code.rawValue)"><th scope="row"><code>\#(code.rawValue)</code></th>"#
                page += #"<td class="num">\#(code.status)</td><td>\#(code.title).</td></tr>"#
            }
            page += "</tbody></table></section>\n"
        }
    }
}
