#!/usr/bin/env python3
"""The operations page in a real browser. HELICARRIER_URL, _DB_PATH and _TOKEN name the service; see README.md."""

import os
import sys

from playwright.sync_api import expect

import operations_data as data
from gates import (
    DESKTOP, SHIFTS, URL, assert_steady, axe_finds_nothing_at, first_visit_is_light_and_steady_at,
    nothing_scrolls_sideways_at, open_page, run, slow_visit_is_steady_at)

TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
ADDRESSES = ["/ops", "/ops?window=7d", "/ops?page=2", "/ops?error=tls", "/ops?stage=fetch",
             "/ops?stage=score&error=tls", "/ops/limit?target=fetch", "/ops/limit?target=fetch-page", "/ops/sign-in"]
# What the clock alone changes between two visits.
ROWS = """() => [...document.querySelectorAll('main tbody tr')].map((row) => {
    const copy = row.cloneNode(true);
    copy.querySelectorAll('time').forEach((time) => time.replaceWith(time.dateTime));
    return [...copy.cells].map((cell) => cell.textContent.replace(/\\s+/g, ' ').trim()).join(' | ');
})"""


def sign_in(page):
    page.goto(URL + "/ops/sign-in")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(URL + "/ops")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def live(page, key):
    return page.locator(f"main [data-live='{key}']").first


def number(page, key):
    return int(live(page, key).text_content().replace(",", ""))


def rows_are_the_same_with_and_without_javascript(browser):
    scripted, plain = open_page(browser), open_page(browser, java_script_enabled=False)
    for address in [address for address in ADDRESSES if "/ops/" not in address]:
        scripted.goto(URL + address)
        plain.goto(URL + address)
        with_script = scripted.evaluate(ROWS)
        assert len(with_script) == plain.locator("main tbody tr").count() and with_script, address
        # The page's own script is off; this is the test's evaluation of the same document.
        again = open_page(browser)
        again.set_content(plain.content().replace("<script", "<meta data-was"))
        assert again.evaluate(ROWS) == with_script, address


def windows_are_links_that_keep_the_filter(browser):
    for scripted in (True, False):
        page = open_page(browser, java_script_enabled=scripted)
        page.goto(URL + "/ops?error=tls")
        hour = live(page, "total.rate").text_content()
        retries = number(page, "total.retries")
        for title, window, words in (("6 h", "6h", "6 hours"), ("24 h", "24h", "24 hours"), ("7 d", "7d", "7 days")):
            page.get_by_role("link", name=title, exact=True).click()
            expect(page).to_have_url(f"{URL}/ops?window={window}&error=tls")
            expect(page.locator(".head .sub")).to_contain_text(f"last {words}")
            expect(page.locator("#dead [data-row]")).to_have_count(3)
            assert live(page, "total.rate").text_content() != hour
            assert number(page, "total.retries") >= 2 * retries
        page.get_by_role("link", name="1 h", exact=True).click()
        expect(page).to_have_url(URL + "/ops?error=tls")


def bars_and_meters_follow_without_a_shift(browser):
    database = data.connect()
    page = open_page(browser)
    page.add_init_script(f"({SHIFTS})()")
    page.goto(URL + "/ops?window=6h")
    expect(page.locator("[data-live-status]")).to_contain_text("Live")
    bars = page.locator("#stages tr", has_text="Score").locator(".spark .b")
    before = bars.get_attribute("d")
    meter = page.locator("#stages tr", has_text="Normalize").locator(".meter")
    expect(meter).to_have_class("meter calm")
    quota = page.locator("#upstream .meter")
    expect(quota).to_have_class("meter fine")
    sizes = """() => [...document.querySelectorAll('.spark, .meter')].map(
        (mark) => mark.getBoundingClientRect()).map((box) => [box.width, box.height])"""
    drawn = page.evaluate(sizes)
    data.count_done(database, "score", "score-snapshot", 9_000)
    data.tell_quota(database, remaining=20)
    try:
        expect(bars).not_to_have_attribute("d", before, timeout=10_000)
        expect(quota).to_have_class("meter warn", timeout=10_000)
        expect(page.locator("#upstream .meter rect")).to_have_attribute("width", "98%")
        assert page.evaluate(sizes) == drawn, "a mark has another size"
        assert_steady(page)
        # From here on a sentence in the banner may push the page down.
        database.execute("UPDATE queue_limit SET max_depth = 3184 WHERE target = 'normalize'")
        data.add_backlog(database)
        expect(meter).to_have_class("meter bad", timeout=10_000)
        expect(meter).to_have_attribute("aria-label", "Backlog 3,184 of 3,184")
        expect(page.locator("[data-mark='class=normalize.oldest.class']")).to_have_class("delta bad big")
    finally:
        data.remove_backlog(database)
        database.execute("UPDATE queue_limit SET max_depth = 5000000 WHERE target = 'normalize'")
        data.tell_quota(database)


def the_change_of_the_backlog_is_told(browser):
    database = data.connect()
    data.sample_backlog(database, minutes=61, waiting=0)
    data.add_backlog(database)
    try:
        page = open_page(browser)
        page.goto(URL + "/ops")
        expect(page.locator(".strip .note").first).to_contain_text("up 3,184 in 1 h")
        expect(page.locator("#stages tr", has_text="Normalize")).to_contain_text("up 3,184")
    finally:
        data.remove_backlog(database)
        database.execute("DELETE FROM queue_sample")


def a_limit_is_changed_behind_a_question(browser):
    database = data.connect()
    for scripted in (True, False):
        page = open_page(browser, java_script_enabled=scripted)
        sign_in(page)
        page.get_by_role("link", name="Change the limits of fetch-page").click()
        page.get_by_label("Jobs at once").fill("none")
        page.get_by_role("button", name="Change…").click()
        expect(page.get_by_role("alert")).to_contain_text("a whole number")
        page.get_by_label("Jobs at once").fill("4" if scripted else "")
        page.get_by_label("Pace").fill("10/1s" if scripted else "")
        page.get_by_role("button", name="Change…").click()
        expect(page.locator("h1")).to_have_text("Change the limits of fetch-page?")
        expect(page.locator(".change")).to_contain_text("10 / 1s")
        page.get_by_role("button", name="Change the limits of fetch-page").click()
        expect(page.locator(".banner.good")).to_contain_text("The limits of fetch-page are changed")
        row = page.locator("#limits tr", has_text="fetch-page")
        expect(row).to_contain_text("4 at once · 10 / 1s may start" if scripted else "no limits")
    assert database.execute("SELECT count(*) FROM audit WHERE action = 'queue limit'").fetchone()[0] == 2


def guessing_a_token_is_slowed_down(browser):
    database = data.connect()
    page = open_page(browser)
    page.goto(URL + "/ops/sign-in")
    try:
        for number in range(6):
            page.get_by_label("Token").fill(f"hc_guess{number}")
            with page.expect_response("**/ops/sign-in") as sent:
                page.get_by_role("button", name="Sign in").click()
            assert sent.value.status == (401 if number < 5 else 429), number
        assert 0 < int(sent.value.headers["retry-after"]) <= 60
        expect(page.get_by_role("alert")).to_contain_text("Too many tries have failed")
    finally:
        database.execute("DELETE FROM sign_in_limit")


def what_is_wrong_is_a_sentence_and_nothing_else_is_red(browser):
    page = open_page(browser)
    page.goto(URL + "/ops")
    banner = page.locator(".alerts")
    expect(banner).to_contain_text("35 jobs are dead.")
    assert banner.locator("p").filter(visible=True).count() == 1
    expect(page.locator(".state")).to_have_text(["Healthy"] * 4)
    expect(page.locator(".nav .badge")).to_contain_text("35")
    page.goto(URL)
    page.get_by_role("link", name="Operations").click()
    expect(page).to_have_url(URL + "/ops")


def dead_jobs_are_filtered_and_paged_in_place(browser):
    page = open_page(browser)
    page.goto(URL + "/ops")
    page.evaluate("window.same = true")
    expect(page.locator("#dead [data-row]")).to_have_count(25)
    page.locator("a[rel=next]").click()
    expect(page.locator("#dead [data-row]")).to_have_count(10)
    page.locator("#dead summary").first.click()
    page.get_by_role("link", name="tls 3").click()
    expect(page.locator("#dead [data-row]")).to_have_count(3)
    expect(page).to_have_url(URL + "/ops?error=tls#dead")
    expect(page.get_by_role("button", name="Requeue all 3…")).to_be_visible()
    page.go_back()
    expect(page.locator("#dead [data-row]")).to_have_count(10)
    assert page.evaluate("window.same") is True, "the document was loaded again"


def selected_jobs_are_requeued_behind_a_question(browser):
    database = data.connect()
    page = open_page(browser)
    page.goto(URL + "/ops?error=contract")
    expect(page.get_by_role("button", name="Requeue selected…")).to_be_disabled()
    for box in page.locator("[data-pick]").all():
        box.check()
    page.get_by_role("button", name="Requeue 2 selected…").click()
    # Signing in leads on to the question.
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Requeue 2 jobs?")
    expect(page.locator(".first li")).to_have_count(2)
    assert database.execute("SELECT count(*) FROM job WHERE state = 'dead'").fetchone()[0] == 35
    page.get_by_role("button", name="Requeue 2 jobs").click()
    expect(page.locator(".banner.good")).to_have_text("2 jobs requeued, 0 refused.")
    who, target = database.execute(
        "SELECT who, target FROM audit WHERE action = 'queue requeue' ORDER BY id DESC LIMIT 1").fetchone()
    assert who.startswith("page:") and len(target.split()) == 2, (who, target)
    # Going back and sending the form once more does nothing.
    page.go_back()
    page.reload()
    cookies = [cookie for cookie in page.context.cookies() if cookie["name"] == "helicarrier_operator"]
    assert cookies[0]["httpOnly"] and cookies[0]["sameSite"] == "Strict", cookies


def acts_work_without_javascript(browser):
    database = data.connect()
    page = open_page(browser, java_script_enabled=False)
    sign_in(page)
    page.goto(URL + "/ops?error=tls")
    page.get_by_role("button", name="Discard all 3…").click()
    expect(page.locator("h1")).to_have_text("Discard 3 jobs?")
    page.get_by_role("link", name="Cancel").click()
    expect(page).to_have_url(URL + "/ops")
    page.goto(URL + "/ops?error=tls")
    page.get_by_role("button", name="Discard all 3…").click()
    page.get_by_role("button", name="Discard 3 jobs").click()
    expect(page.locator(".banner.good")).to_have_text("3 jobs discarded, 0 refused.")
    assert database.execute(
        "SELECT count(*) FROM job WHERE state = 'dead' AND error_class = 'tls'").fetchone()[0] == 0
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()


def a_stage_is_paused_and_resumed(browser):
    watching = open_page(browser)
    watching.goto(URL + "/ops")
    page = open_page(browser)
    sign_in(page)
    page.get_by_role("button", name="Pause Score…").click()
    page.get_by_label("Reason").fill("a new profile")
    page.get_by_label("For how long").select_option("1h")
    page.get_by_role("button", name="Pause Score").click()
    expect(page.locator(".banner.good")).to_contain_text("Score is paused until")
    expect(page.locator(".alerts")).to_contain_text("“a new profile”")
    # Another browser sees it without a visit: its badge and its banner come with the stream.
    expect(live(watching, "score.state")).to_have_attribute("data-value", "Paused", timeout=10_000)
    expect(watching.locator(".alerts")).to_contain_text("Score is paused.")
    page.get_by_role("button", name="Resume Score…").click()
    page.get_by_role("button", name="Resume Score").click()
    expect(page.locator(".banner.good")).to_have_text("Score goes on.")
    expect(live(watching, "score.state")).to_have_text("Healthy", timeout=10_000)


def live_values_change_until_updates_are_paused(browser):
    database = data.connect()
    context = browser.new_context(viewport=DESKTOP)
    page, second = context.new_page(), context.new_page()
    page.goto(URL + "/ops")
    second.goto(URL + "/ops")
    expect(page.locator("[data-live-status]")).to_contain_text("Live")
    before = int(live(page, "total.dead").text_content())
    data.add_dead_jobs(database, 1)
    for tab in (page, second):
        expect(live(tab, "total.dead")).to_have_text(str(before + 1), timeout=10_000)
        # Rows stay as they are until the reader asks for the new ones.
        expect(tab.locator("[data-stale]")).to_be_visible()
    rows = page.locator("#dead .pager .num").first.text_content()
    page.locator("[data-stale]").click()
    expect(page.locator("#dead .pager .num").first).not_to_have_text(rows)
    expect(page.locator("[data-stale]")).to_be_hidden()
    page.keyboard.press("l")
    expect(page.get_by_role("button", name="Resume updates")).to_be_visible()
    data.add_dead_jobs(database, 1)
    expect(live(second, "total.dead")).to_have_text(str(before + 2), timeout=10_000)
    assert live(page, "total.dead").text_content() == str(before + 1), "paused, and changed all the same"
    page.get_by_role("button", name="Resume updates").click()
    expect(live(page, "total.dead")).to_have_text(str(before + 2))
    context.close()


def a_browser_has_one_stream(browser):
    context = browser.new_context()
    opened = []
    context.on("request", lambda request: opened.append(request.url) if "/ops/events" in request.url else None)
    pages = [context.new_page() for _ in range(3)]
    for page in pages:
        page.goto(URL + "/ops")
        expect(page.locator("[data-live-status]")).to_contain_text("Live")
    assert len(opened) == 1, opened
    # The tab that has it goes; another one takes over.
    with context.expect_event("request", lambda request: "/ops/events" in request.url):
        pages[0].close()
    context.close()


def a_lost_stream_says_so_and_comes_back(browser):
    page = open_page(browser)
    page.route("**/ops/events", lambda route: route.abort())
    page.goto(URL + "/ops")
    expect(page.locator("[data-live-status]")).to_contain_text("retrying")
    page.unroute("**/ops/events")
    expect(page.locator("[data-live-status]")).to_contain_text("Live", timeout=15_000)


def keyboard_alone_reaches_every_control(browser):
    page = open_page(browser)
    for address in ("/ops?error=contract", "/ops/sign-in"):
        page.goto(URL + address)
        wanted = page.locator("a[href], button, summary, input").and_(page.locator(":enabled, a, summary")).filter(
            visible=True).count()
        reached = set()
        for _ in range(wanted + 10):
            page.keyboard.press("Tab")
            reached.add(page.evaluate(
                "[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        assert len(reached) >= wanted, f"{address}: {len(reached)} of {wanted}"
    page.goto(URL + "/ops")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-pick]").first).to_be_checked()
    expect(page.get_by_role("button", name="Requeue 1 selected…")).to_be_enabled()


def console_stays_silent(browser):
    for scheme in ("light", "dark"):
        problems = []
        page = open_page(browser, problems, color_scheme=scheme)
        for address in ADDRESSES:
            answer = page.goto(URL + address)
            policy = answer.headers.get("content-security-policy", "")
            assert "default-src 'none'" in policy and "unsafe-inline" not in policy, policy
        sign_in(page)
        page.get_by_role("button", name="Pause Fetch…").click()
        expect(page.locator("h1")).to_have_text("Pause Fetch?")
        assert not problems, problems


def axe_finds_nothing(browser):
    axe_finds_nothing_at(
        browser, ADDRESSES + ["/ops/confirm?act=requeue-all", "/ops/confirm?act=pause&target=score",
                             "/ops/confirm?act=limit&target=fetch&depth=100&objective="], prepare=sign_in)


def nothing_scrolls_sideways(browser):
    database = data.connect()
    data.add_backlog(database)
    try:
        nothing_scrolls_sideways_at(browser, ADDRESSES + ["/ops/confirm?act=requeue-all"], prepare=sign_in)
    finally:
        data.remove_backlog(database)


def first_visit_is_light_and_steady(browser):
    first_visit_is_light_and_steady_at(
        browser, "/ops",
        lambda page: expect(page.locator("[data-live-status]")).to_contain_text("Live", timeout=10_000))


def rows_that_arrive_late_move_nothing(browser):
    slow_visit_is_steady_at(browser, ["/ops", "/ops/webhooks"])


# What looks comes first; what acts takes jobs away.
CHECKS = [
    rows_are_the_same_with_and_without_javascript,
    windows_are_links_that_keep_the_filter,
    what_is_wrong_is_a_sentence_and_nothing_else_is_red,
    dead_jobs_are_filtered_and_paged_in_place,
    keyboard_alone_reaches_every_control,
    console_stays_silent,
    axe_finds_nothing,
    nothing_scrolls_sideways,
    first_visit_is_light_and_steady,
    rows_that_arrive_late_move_nothing,
    a_browser_has_one_stream,
    a_lost_stream_says_so_and_comes_back,
    live_values_change_until_updates_are_paused,
    bars_and_meters_follow_without_a_shift,
    the_change_of_the_backlog_is_told,
    a_stage_is_paused_and_resumed,
    a_limit_is_changed_behind_a_question,
    guessing_a_token_is_slowed_down,
]
ACTS = [selected_jobs_are_requeued_behind_a_question, acts_work_without_javascript]


def fill(database):
    data.remove_dead_jobs(database)
    for error, count in enumerate((30, 3, 2)):
        data.add_dead_jobs(database, count, error)


def main():
    if not URL or not TOKEN or "HELICARRIER_DB_PATH" not in os.environ:
        sys.exit("start it with scripts/with-service")
    database = data.connect()
    fill(database)
    data.add_deliveries(database)
    data.add_flow(database)
    run("operations", "/ops", CHECKS + ACTS, before=lambda check: fill(database) if check in ACTS else None)


if __name__ == "__main__":
    main()
