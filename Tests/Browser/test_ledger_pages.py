#!/usr/bin/env python3
"""Usage, sessions and one session in a real browser. HELICARRIER_URL and _TOKEN name the service; see README.md."""

import csv
import json
import re
import urllib.parse
import urllib.request

from playwright.sync_api import expect

import ledger_data as data
from gates import (
    URL, axe_finds_nothing_at, first_visit_is_light_and_steady_at, nothing_scrolls_sideways_at, open_page, run,
    slow_visit_is_steady_at)

HOSTILE = "/sessions/" + urllib.parse.quote(data.HOSTILE, safe="")
ADDRESSES = ["/usage", "/usage?by=agent&days=7", "/usage?model=gpt-5", "/usage?agent=nobody", "/sessions",
             "/sessions?status=failed&sort=cost", "/sessions?q=no+such+words", "/sessions/s-010", HOSTILE]


def sign_in(page, place="/usage"):
    page.goto(URL + place)
    page.get_by_label("Token").fill(data.TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(URL + place)


def ledger(query):
    request = urllib.request.Request(
        f"{URL}/api/v3/{query}", headers={"Authorization": f"Bearer {data.TOKEN}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def ids(page):
    return page.locator("tbody th .meta").all_text_contents()


def signing_in_leads_on_and_out(browser):
    page = open_page(browser)
    sign_in(page, "/sessions?status=failed")
    page.get_by_role("button", name="Sign out").click()
    page.goto(URL + "/sessions")
    expect(page).to_have_url(URL + "/ops/sign-in?next=%2Fsessions")
    expect(page.locator("main")).to_contain_text("--scope read")


def usage_is_what_the_api_says(browser):
    page = open_page(browser)
    sign_in(page)
    totals = ledger("analytics/usage?" + page.get_by_role("link", name="JSON for this view").get_attribute(
        "href").split("?", 1)[1])["totals"]
    strip = page.locator(".strip dd:not(.note)").all_text_contents()
    assert strip[0] == f"${totals['costUsd']:,.2f}", (strip, totals)
    assert strip[2] == f"{totals['runs']:,}", (strip, totals)
    page.get_by_text("Show as table").click()
    rows = page.locator(".astable tbody tr td:last-child").all_text_contents()
    assert len(rows) == 30 and abs(sum(float(row.strip("$<").replace(",", "")) for row in rows)
                                   - totals["costUsd"]) < 0.3
    page.get_by_role("link", name="Agent", exact=True).click()
    expect(page.locator("#groups")).to_have_text("By agent")
    page.get_by_role("link", name="triage-bot").click()
    expect(page.locator(".head .sub")).to_contain_text("agent triage-bot")
    page.get_by_role("link", name="all", exact=True).click()
    expect(page).to_have_url(URL + "/usage")


def sessions_are_those_of_the_api(browser):
    page = open_page(browser)
    sign_in(page, "/sessions")
    for query in ["", "status=failed", "agent=triage-bot&sort=runtime", "model=gpt-5&sort=cost", "q=guide"]:
        page.goto(URL + "/sessions?" + query)
        found = ledger(f"ledger?pageSize=25&{query}")
        assert ids(page) == [row["sessionId"] for row in found["rows"]], query
        expect(page.locator("[data-count]")).to_contain_text(f"{found['total']:,} ")


def filters_work_with_and_without_javascript(browser):
    seen = []
    for scripted in (True, False):
        page = open_page(browser, java_script_enabled=scripted)
        sign_in(page, "/sessions")
        page.get_by_label("Status").select_option("failed")
        if not scripted:
            page.get_by_role("button", name="Apply").click()
        expect(page).to_have_url(re.compile("status=failed"))
        page.get_by_role("link", name="Cost").click()
        expect(page).to_have_url(re.compile("sort=cost"))
        expect(page.locator("th[aria-sort]")).to_contain_text("Cost")
        seen.append(ids(page))
        page.go_back()
        expect(page).not_to_have_url(re.compile("sort=cost"))
    assert seen[0] == seen[1] and len(seen[0]) > 2


def a_session_shows_its_sources(browser):
    page = open_page(browser)
    sign_in(page, HOSTILE)
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator(".told").first).to_contain_text("<img src=x onerror=alert(1)>")
    page.get_by_text("Payload").click()
    expect(page.locator(".events pre")).to_contain_text("<script>alert(2)</script>")
    told = ledger("ledger/s-010")
    page.goto(URL + "/sessions/s-010")
    source = {"provider_reported": "as the provider billed it", "estimated_from_pricing": "estimated by prices of",
              "unknown": "no price"}
    expect(page.locator(".strip")).to_contain_text(source[told["usage"]["costSource"]])


def files_are_whole(browser):
    page = open_page(browser)
    sign_in(page, "/sessions?status=failed")
    for name in ["Download CSV", "The same as CSV"]:
        file = page.context.request.get(URL + page.get_by_role("link", name=name).get_attribute("href"))
        assert file.headers["content-disposition"].startswith("attachment")
        rows = list(csv.DictReader(file.text().splitlines(keepends=True)))
        assert len(rows) == ledger("ledger?status=failed")["total"] and rows[0]["status"] == "failed"
        assert any(row["sessionId"] == "'" + data.HOSTILE for row in rows), "a formula would run"


def console_stays_silent(browser):
    problems = []
    page = open_page(browser, problems)
    sign_in(page)
    for address in ADDRESSES:
        page.goto(URL + address)
    assert not problems, problems


def axe_finds_nothing(browser):
    axe_finds_nothing_at(browser, ADDRESSES, prepare=sign_in)


def nothing_scrolls_sideways(browser):
    nothing_scrolls_sideways_at(browser, ADDRESSES, prepare=sign_in)


def first_visit_is_light_and_steady(browser):
    first_visit_is_light_and_steady_at(
        browser, "/ops/sign-in?next=%2Fusage", lambda page: expect(page.locator("h1")).to_be_visible())


def rows_that_arrive_late_move_nothing(browser):
    slow_visit_is_steady_at(browser, ["/usage", "/sessions"], prepare=sign_in)


CHECKS = [
    signing_in_leads_on_and_out,
    usage_is_what_the_api_says,
    sessions_are_those_of_the_api,
    filters_work_with_and_without_javascript,
    a_session_shows_its_sources,
    files_are_whole,
    console_stays_silent,
    axe_finds_nothing,
    nothing_scrolls_sideways,
    first_visit_is_light_and_steady,
    rows_that_arrive_late_move_nothing,
]


if __name__ == "__main__":
    data.load()
    run("sign-in-usage", "/ops/sign-in?next=%2Fusage", CHECKS)
