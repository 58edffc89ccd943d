#!/usr/bin/env python3
"""The leaderboard in a real browser. HELICARRIER_URL names the server; see README.md for the rest."""

import re
import sys

from playwright.sync_api import expect

from gates import (
    URL, axe_finds_nothing_at, first_visit_is_light_and_steady_at, nothing_scrolls_sideways_at, open_page, run)

ADDRESSES = ["/", "/?page=2", "/?density=compact", "/?density=compact&page=3"]
SORTS = ["score", "-score", "downloads", "-downloads", "likes", "-likes", "trending", "-trending", "delta24h",
         "-delta24h", "delta7d", "-delta7d", "rankChange", "-rankChange", "updated", "-updated", "created", "-created",
         "name", "-name", "parameters", "-parameters"]
FILTERS = ["q=qwen", "capability=vision", "capability=vision&capability=tools", "provider=google", "license=permissive",
           "license=mit", "parameterClass=8b-15b", "parameterClass=lt1b&parameterClass=1b-3b",
           "pipeline=text-generation", "library=transformers", "gated=no", "gated=manual", "anomaly=any",
           "family=Qwen%2FQwen3.6-27B",
           "relation=quantized", "access=public", "minDownloads=1000000", "minLikes=1000", "updatedSince=2026-05-01",
           "createdSince=2026-01-01", "status=ready", "q=no-such-model-anywhere", "nonsense=1&capability=telepathy"]
STATES = ["/?capability=vision&capability=tools&license=permissive&sort=-downloads", "/?q=no-such-model-anywhere"]
PROFILES = ["default", "research", "production", "community"]
TEXTS = """() => [...document.querySelectorAll('tbody tr')].map(
    (row) => [...row.cells].map((cell) => cell.textContent.trim()).join(' | '))"""


def rows_are_the_same_with_and_without_javascript(browser):
    scripted, plain = open_page(browser), open_page(browser, java_script_enabled=False)
    for address in ADDRESSES + [f"/?{query}" for query in FILTERS if "no-such" not in query and "anomaly" not in query]:
        scripted.goto(URL + address)
        plain.goto(URL + address)
        with_script = scripted.evaluate(TEXTS)
        # Reading the rows is the test's own evaluation; the page's script stays off.
        without = [" | ".join(text.strip() for text in row.locator("th, td").all_text_contents())
                   for row in plain.locator("tbody tr").all()]
        assert with_script == without, address


def every_selection_is_what_the_api_answers(browser):
    """Every filter, sort and profile: the rows of the page are the rows of the API, and its count is the total."""
    page = open_page(browser, java_script_enabled=False)
    # The page ignores what it does not know; the API refuses it.
    selections = [text for text in FILTERS if "nonsense" not in text] + [f"sort={sort}" for sort in SORTS]
    selections += [f"profile={profile}" for profile in PROFILES]
    selections += ["capability=tools&license=permissive&profile=research&sort=-downloads", "q=llama&sort=name"]
    for query in selections:
        page.goto(f"{URL}/?{query}")
        shown = [box.get_attribute("value") for box in page.locator("tbody [data-pick]").all()]
        answer = page.context.request.get(f"{URL}/api/v4/models?{query}").json()
        assert shown == [model["id"] for model in answer["models"]], query
        count = page.locator("[data-count]").text_content().split()[0].replace(",", "")
        assert int(count) == answer["page"]["total"], query


def saved_links_keep_working(browser):
    page = open_page(browser, java_script_enabled=False)
    page.goto(URL + "/?nonsense=1&capability=telepathy&sort=shoesize&page=two")
    expect(page.locator("tbody tr")).to_have_count(25)
    page.goto(URL + "/?capability=vision&page=2")
    shared = page.url
    first = page.locator("tbody th").first.text_content()
    other = open_page(browser)
    other.goto(shared)
    assert other.locator("tbody th").first.text_content() == first
    other.goto(URL + "/?anomaly=velocity")
    other.get_by_text("Capability", exact=True).first.click()
    other.get_by_label("Vision").check()
    expect(other).to_have_url(URL + "/?capability=vision&anomaly=velocity")


def filters_work_with_and_without_javascript(browser):
    """The same boxes lead to the same address and rows: by the script at once, without it by the button."""
    texts = []
    for script in (True, False):
        page = open_page(browser, java_script_enabled=script)
        page.goto(URL)
        page.get_by_text("Capability", exact=True).first.click()
        page.get_by_label("Vision").check()
        if script:
            expect(page.locator(".chip")).to_have_count(1)
            expect(page.locator("details[data-pop=Capability]")).to_have_attribute("open", "")
        page.get_by_label("Tool calling").check()
        if not script:
            page.get_by_role("button", name="Apply").click()
        expect(page.locator(".chip")).to_have_count(2)
        texts.append(page.locator("tbody th").all_text_contents())
        if script:
            expect(page).to_have_url(URL + "/?capability=tools&capability=vision")
        page.locator(".chip").first.click()
        expect(page.locator(".chip")).to_have_count(1)
        page.get_by_text("Clear all").click()
        expect(page.locator(".chip")).to_have_count(0)
    assert texts[0] == texts[1] and texts[0]


def search_types_and_back_restores(browser):
    page = open_page(browser)
    page.goto(URL)
    page.evaluate("window.same = true")
    page.keyboard.press("/")
    page.keyboard.type("qwen", delay=30)
    expect(page).to_have_url(URL + "/?q=qwen")
    expect(page.locator("tbody th").first).to_contain_text("Qwen")
    assert page.evaluate("document.activeElement.id") == "q" and page.input_value("#q") == "qwen"
    page.select_option("#profile", "research")
    expect(page).to_have_url(URL + "/?profile=research&q=qwen")
    page.select_option("#sort", "-downloads")
    expect(page).to_have_url(URL + "/?profile=research&q=qwen&sort=-downloads")
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Downloads")
    page.locator("#sort-downloads").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Downloads")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page).to_have_url(URL + "/?q=qwen")
    expect(page.locator("#profile")).to_have_value("default")
    page.go_back()
    expect(page).to_have_url(URL + "/")
    expect(page.locator("#q")).to_have_value("")
    assert page.evaluate("window.same") is True, "the document was loaded again"


def a_search_keeps_address_and_field_alike(browser):
    page = open_page(browser)
    page.goto(URL + "/?q=qwen")
    before = page.evaluate("history.length")
    page.keyboard.press("/")
    page.keyboard.press("End")
    with page.expect_response(re.compile(r"/\?q=qwen$")):
        page.keyboard.type("  ")
    page.wait_for_timeout(300)
    assert page.evaluate("history.length") == before, "the same address is in the history twice"
    page.keyboard.press("Escape")
    expect(page.locator("#q")).not_to_be_focused()
    expect(page.locator("#q")).to_have_value(re.compile("^qwen"))
    page.select_option("#sort", "-downloads")
    expect(page).to_have_url(URL + "/?q=qwen&sort=-downloads")


def a_visit_that_fails_keeps_the_rows(browser):
    page = open_page(browser)
    for fail in (lambda route: route.abort(), lambda route: route.fulfill(status=503, body="down")):
        page.goto(URL)
        for link, wanted in (("a[rel=next]", "/?page=2"), (None, "/")):
            shown, rows = page.url, page.evaluate(TEXTS)
            address = re.compile(re.escape(wanted) + "$")
            page.route(address, fail)
            page.locator(link).click() if link else page.go_back()
            expect(page.get_by_role("alert")).to_be_visible()
            expect(page).to_have_url(shown)
            assert page.evaluate(TEXTS) == rows
            page.unroute(address)
            page.get_by_role("button", name="Retry").click()
            expect(page).to_have_url(URL + wanted)
            expect(page.get_by_role("alert")).to_have_count(0)
            assert page.evaluate(TEXTS) != rows


def nothing_found_names_the_way_out(browser):
    page = open_page(browser)
    page.goto(URL + "/?capability=vision&q=no-such-model-anywhere")
    expect(page.get_by_role("heading", name="No model fits")).to_be_visible()
    expect(page.locator(".empty")).to_contain_text("no-such-model-anywhere")
    page.get_by_role("link", name="Leave it out").click()
    expect(page).to_have_url(URL + "/?capability=vision")
    expect(page.locator("tbody tr").first).to_be_visible()


def picks_are_kept_and_compared(browser):
    page = open_page(browser)
    page.goto(URL)
    expect(page.locator("[data-tray]")).to_be_hidden()
    page.locator("tbody [data-pick]").nth(0).check()
    expect(page.locator("[data-tray]")).to_be_visible()
    expect(page.get_by_role("button", name="Compare")).to_be_disabled()
    page.locator("a[rel=next]").click()
    expect(page.locator("tbody .rank").first).to_contain_text("26")
    for place in range(3):
        page.locator("tbody [data-pick]").nth(place).check()
    assert page.locator("tbody [data-pick]").nth(4).is_disabled(), "a fifth can be ticked"
    page.keyboard.press("c")
    page.wait_for_url("**/compare?*")
    assert page.url.count("model=") == 4
    expect(page.locator("table.compare thead th[scope=col]")).to_have_count(4)
    page.goto(URL)
    assert page.locator("tbody [data-pick]").nth(0).is_checked()
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("[data-tray]")).to_be_hidden()
    plain = open_page(browser, java_script_enabled=False)
    plain.goto(URL)
    plain.locator("tbody [data-pick]").nth(1).check()
    plain.locator("tbody [data-pick]").nth(2).check()
    plain.get_by_role("button", name="Compare what is ticked").click()
    expect(plain.locator("table.compare thead th[scope=col]")).to_have_count(2)


def one_stream_serves_three_tabs(browser):
    context = browser.new_context()
    streams = []
    context.on("request", lambda request: streams.append(request.url) if request.url.endswith("/stream") else None)
    tabs = [context.new_page() for _ in range(3)]
    for tab in tabs:
        tab.goto(URL)
        expect(tab.locator("[data-live-status]")).to_contain_text("Snapshot")
    tabs[0].wait_for_timeout(1_500)
    assert len(streams) == 1, streams
    # The one that has the stream tells the others what has come; here it is said on the channel that they share.
    tabs[1].evaluate("new BroadcastChannel('/api/v4/stream').postMessage({'snapshot hub': 'hub-later'})")
    for tab in (tabs[0], tabs[2]):
        expect(tab.locator("[data-news]")).to_be_visible()
        expect(tab.locator("tbody .rank").first).to_contain_text("1")


def a_lost_stream_keeps_the_figures(browser):
    page = open_page(browser)
    page.route("**/api/v4/stream", lambda route: route.abort())
    page.goto(URL)
    expect(page.locator("[data-live-status]")).to_contain_text("retrying")
    expect(page.locator("tbody tr")).to_have_count(25)


def print_has_the_rows_alone(browser):
    page = open_page(browser)
    page.goto(URL)
    page.emulate_media(media="print")
    for part in (".topbar", ".filters", ".tray"):
        assert not page.locator(part).first.is_visible(), part
    expect(page.locator("tbody tr").first).to_be_visible()
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 25, 31)", "light text on white paper"


def pages_turn_by_link(browser):
    for script in (True, False):
        page = open_page(browser, java_script_enabled=script)
        page.goto(URL)
        expect(page.locator("tbody tr")).to_have_count(25)
        first = page.locator("tbody th").first.text_content()
        page.locator("a[rel=next]").click()
        expect(page).to_have_url(URL + "/?page=2")
        expect(page.locator("tbody .rank").first).to_contain_text("26")
        page.locator("a[rel=prev]").click()
        expect(page).to_have_url(URL + "/")
        assert page.locator("tbody th").first.text_content() == first


def history_restores_pages_without_loading_the_document_again(browser):
    page = open_page(browser)
    page.goto(URL)
    page.evaluate("window.same = true")
    page.locator("a[rel=next]").click()
    expect(page.locator("tbody .rank").first).to_contain_text("26")
    page.locator("#density-compact").click()
    expect(page).to_have_url(URL + "/?density=compact")
    expect(page.locator("[data-density=compact] tbody .rank").first).to_contain_text("1")
    assert page.evaluate("document.activeElement.id") == "density-compact", "focus is lost"
    page.go_back()
    expect(page).to_have_url(URL + "/?page=2")
    expect(page.locator("tbody .rank").first).to_contain_text("26")
    assert page.evaluate("window.same") is True, "the document was loaded again"
    page.reload()
    expect(page.locator("tbody .rank").first).to_contain_text("26")


def theme_is_in_the_first_byte_of_the_next_visit(browser):
    page = open_page(browser, color_scheme="light")
    page.goto(URL)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Theme: system").click()
    page.get_by_label("Theme: light").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    assert 'data-theme="dark"' in page.context.request.get(URL).text()[:60]
    page.add_init_script("addEventListener('DOMContentLoaded', () => { window.first = "
                         "getComputedStyle(document.body).backgroundColor; })")
    page.reload()
    assert page.evaluate("window.first") == dark, "the page starts in another theme"
    page.get_by_label("Theme: dark").click()
    assert "data-theme" not in page.context.request.get(URL).text()[:60]


def keys_move_and_help(browser):
    page = open_page(browser)
    page.goto(URL)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tbody tr").nth(1)).to_have_class("cur")
    page.keyboard.press("k")
    expect(page.locator("tbody tr").nth(0)).to_have_class("cur")
    page.keyboard.press("n")
    expect(page).to_have_url(URL + "/?page=2")
    expect(page.locator("tbody .rank").first).to_contain_text("26")
    page.keyboard.press("p")
    expect(page).to_have_url(URL + "/")
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    page.keyboard.press("?")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.get_by_label("Single-key shortcuts on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.theme") == "light", "keys act though they are off"


def keyboard_alone_reaches_every_control(browser):
    page = open_page(browser)
    page.goto(URL)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    wanted = page.locator("a[href], button:enabled, summary, select, input").filter(visible=True).count()
    reached = set()
    for _ in range(wanted + 10):
        key = page.evaluate("""() => { const node = document.activeElement;
            return node.outerHTML.slice(0, 200) + [...document.querySelectorAll('*')].indexOf(node); }""")
        if key in reached:
            break
        reached.add(key)
        page.keyboard.press("Tab")
    assert len(reached) >= wanted, f"{len(reached)} of {wanted}"


def console_stays_silent(browser):
    for scheme in ("light", "dark"):
        problems = []
        page = open_page(browser, problems, color_scheme=scheme)
        for address in ADDRESSES:
            answer = page.goto(URL + address)
            policy = answer.headers.get("content-security-policy", "")
            assert "default-src 'none'" in policy and "unsafe-inline" not in policy, policy
        page.goto(URL)
        page.locator("a[rel=next]").click()
        expect(page).to_have_url(URL + "/?page=2")
        page.keyboard.press("t")
        page.keyboard.press("?")
        assert not problems, problems


def unknown_address_is_a_page(browser):
    page = open_page(browser)
    answer = page.goto(URL + "/no-such-page")
    assert answer.status == 404
    expect(page.locator("h1")).to_have_count(1)
    page.get_by_role("link", name="Go to the leaderboard").click()
    expect(page.locator("tbody tr")).to_have_count(25)


def open_the_first_menu(page):
    if page.locator("details summary").count():
        page.locator("details summary").first.click()


def axe_finds_nothing(browser):
    axe_finds_nothing_at(browser, ["/", "/?density=compact&page=3"] + STATES + ["/no-such-page"],
                         opened=open_the_first_menu)


def nothing_scrolls_sideways(browser):
    nothing_scrolls_sideways_at(browser, ADDRESSES + STATES + ["/no-such-page"])


def first_visit_is_light_and_steady(browser):
    first_visit_is_light_and_steady_at(browser, "/", lambda page: page.wait_for_load_state("networkidle"))


CHECKS = [
    rows_are_the_same_with_and_without_javascript,
    every_selection_is_what_the_api_answers,
    saved_links_keep_working,
    filters_work_with_and_without_javascript,
    search_types_and_back_restores,
    a_search_keeps_address_and_field_alike,
    a_visit_that_fails_keeps_the_rows,
    nothing_found_names_the_way_out,
    picks_are_kept_and_compared,
    one_stream_serves_three_tabs,
    a_lost_stream_keeps_the_figures,
    print_has_the_rows_alone,
    pages_turn_by_link,
    history_restores_pages_without_loading_the_document_again,
    theme_is_in_the_first_byte_of_the_next_visit,
    keys_move_and_help,
    keyboard_alone_reaches_every_control,
    console_stays_silent,
    unknown_address_is_a_page,
    axe_finds_nothing,
    nothing_scrolls_sideways,
    first_visit_is_light_and_steady,
]


def main():
    if not URL:
        sys.exit("set HELICARRIER_URL to the address of a running api, such as http://127.0.0.1:8080")
    run("leaderboard", "/", CHECKS)


if __name__ == "__main__":
    main()
