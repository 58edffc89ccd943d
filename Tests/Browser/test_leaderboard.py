#!/usr/bin/env python3
"""The leaderboard in a real browser. HELICARRIER_URL names the server; see README.md for the rest."""

import sys

from playwright.sync_api import expect

from gates import (
    URL, axe_finds_nothing_at, first_visit_is_light_and_steady_at, nothing_scrolls_sideways_at, open_page, run)

ADDRESSES = ["/", "/?page=2", "/?density=compact", "/?density=compact&page=3"]
TEXTS = """() => [...document.querySelectorAll('tbody tr')].map(
    (row) => [...row.cells].map((cell) => cell.textContent.trim()).join(' | '))"""


def rows_are_the_same_with_and_without_javascript(browser):
    scripted, plain = open_page(browser), open_page(browser, java_script_enabled=False)
    for address in ADDRESSES:
        scripted.goto(URL + address)
        plain.goto(URL + address)
        with_script = scripted.evaluate(TEXTS)
        # Reading the rows is the test's own evaluation; the page's script stays off.
        without = [" | ".join(text.strip() for text in row.locator("th, td").all_text_contents())
                   for row in plain.locator("tbody tr").all()]
        assert with_script == without and with_script, address


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
    wanted = page.locator("a[href], button, summary").filter(visible=True).count()
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
    axe_finds_nothing_at(browser, ADDRESSES + ["/no-such-page"], opened=open_the_first_menu)


def nothing_scrolls_sideways(browser):
    nothing_scrolls_sideways_at(browser, ADDRESSES + ["/no-such-page"])


def first_visit_is_light_and_steady(browser):
    first_visit_is_light_and_steady_at(browser, "/", lambda page: page.wait_for_load_state("networkidle"))


CHECKS = [
    rows_are_the_same_with_and_without_javascript,
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
