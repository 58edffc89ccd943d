#!/usr/bin/env python3
"""The pages about webhooks in a real browser. HELICARRIER_URL, _DB_PATH and _TOKEN name the service; see README.md."""

import os
import sys
import time

from playwright.sync_api import expect

import operations_data as data
from gates import (
    URL, axe_finds_nothing_at, first_visit_is_light_and_steady_at, nothing_scrolls_sideways_at, open_page, run)

TOKEN = os.environ.get("HELICARRIER_TOKEN", "")
LIST, BUSY, QUIET, DOWN = "/ops/webhooks", "/ops/webhooks/sub_web0", "/ops/webhooks/sub_web1", "/ops/webhooks/sub_web2"
ADDRESSES = [LIST, LIST + "?page=2", BUSY, BUSY + "?state=failed", BUSY + "?state=cancelled", QUIET, DOWN]
LONG = "a-very-long-name-of-a-host-that-somebody-chose-for-no-good-reason.webhooks.internal.example.net"
ANSWER = "<script>alert(1)</script> upstream connect error or disconnect/reset before headers " + "x" * 300


def sign_in(page, place=LIST):
    page.goto(URL + place)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(URL + place)
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def all_is_there_without_javascript(browser):
    for address in ADDRESSES:
        texts = []
        for scripted in (True, False):
            page = open_page(browser, java_script_enabled=scripted)
            page.goto(URL + address)
            rows = page.locator("main tbody tr")
            texts.append([rows.nth(place).locator("th, code, .badge").all_text_contents()
                          for place in range(rows.count())])
        assert texts[0] == texts[1] and (texts[0] or "cancelled" in address), address


def the_list_leads_to_each_subscription(browser):
    page = open_page(browser)
    page.goto(URL + "/ops")
    page.get_by_role("link", name="Endpoints").click()
    expect(page).to_have_url(URL + LIST)
    expect(page.locator("main tbody tr")).to_have_count(25)
    row = page.locator("tr", has_text="127.0.0.1:9")
    expect(row).to_contain_text("Failing")
    expect(row).to_contain_text("97.5%")
    expect(page.locator("tr", has_text=LONG)).to_contain_text("Disabled")
    page.get_by_role("link", name="Next").click()
    expect(page).to_have_url(URL + LIST + "?page=2")
    page.go_back()
    row.get_by_role("link").click()
    expect(page).to_have_url(URL + BUSY)
    page.get_by_role("link", name="All subscriptions").click()
    expect(page).to_have_url(URL + LIST)


def deliveries_are_filtered_and_paged(browser):
    for scripted in (True, False):
        page = open_page(browser, java_script_enabled=scripted)
        page.goto(URL + BUSY)
        rows = page.locator("#deliveries [data-row]")
        expect(rows).to_have_count(25)
        page.get_by_role("link", name="Older").click()
        expect(rows).to_have_count(15)
        page.get_by_role("link", name="Newest").click()
        expect(rows).to_have_count(25)
        page.get_by_role("link", name="Gave up").click()
        expect(page).to_have_url(URL + BUSY + "?state=failed#deliveries")
        expect(rows).to_have_count(1)
        page.get_by_role("link", name="Cancelled").click()
        expect(page.locator("#deliveries")).to_contain_text("No delivery fits.")
        page.go_back()
        expect(rows).to_have_count(1)


def attempts_open_and_tell_operators_more(browser):
    page = open_page(browser, java_script_enabled=False)
    page.goto(URL + BUSY + "?state=failed")
    tries = page.locator(".tries").first
    expect(tries.locator("li").first).not_to_be_visible()
    tries.locator("summary").click()
    expect(tries.locator("li")).to_have_count(3)
    expect(tries).to_contain_text("Attempt 3")
    open_text = page.content()
    for hidden in ("hooks/secret", "127.0.0.1:9/hooks", "upstream connect", "192.0.2.7"):
        assert hidden not in open_text, hidden
    sign_in(page, BUSY)
    page.goto(URL + BUSY + "?state=failed")
    page.locator(".tries summary").first.click()
    expect(page.locator(".tries pre").first).to_contain_text("<script>alert(1)</script> upstream connect")
    expect(page.locator(".tries li").first).to_contain_text("192.0.2.7")
    expect(page.locator("main")).to_contain_text("https://127.0.0.1:9/hooks/secret?…")
    assert "key=1" not in page.content()


def a_resend_is_asked_for_and_confirmed(browser):
    for scripted in (True, False):
        page = open_page(browser, java_script_enabled=scripted)
        sign_in(page, BUSY)
        database = data.connect()
        count = "SELECT count(*) FROM delivery WHERE subscription_id = 'sub_web0' AND trigger = 'manual'"
        before = database.execute(count).fetchone()[0]
        page.goto(URL + BUSY + "?state=failed")
        page.get_by_role("button", name="again…").first.click()
        expect(page.locator("h1")).to_have_text("Send model.rank.changed again?")
        page.get_by_role("link", name="Cancel").click()
        assert database.execute(count).fetchone()[0] == before, "cancelling changes nothing"
        page.goto(URL + BUSY + "?state=failed")
        page.get_by_role("button", name="again…").first.click()
        page.get_by_role("button", name="Send model.rank.changed again").click()
        expect(page.get_by_role("status").filter(has_text="The event is sent again")).to_be_visible()
        assert database.execute(count).fetchone()[0] == before + 1


def a_subscription_is_disabled_and_enabled(browser):
    page = open_page(browser)
    sign_in(page, QUIET)
    page.get_by_role("button", name="Disable…").click()
    expect(page.locator("h1")).to_have_text("Disable the subscription?")
    page.get_by_role("button", name="Disable the subscription").click()
    expect(page.get_by_role("status").filter(has_text="is disabled")).to_be_visible()
    expect(page.locator(".banner.bad")).to_contain_text("Nothing is sent.")
    page.get_by_role("button", name="Enable…").click()
    page.get_by_role("button", name="Enable the subscription").click()
    expect(page.get_by_role("status").filter(has_text="is active")).to_be_visible()


def acting_needs_a_sign_in_and_goes_on_behind_it(browser):
    page = open_page(browser)
    page.goto(URL + QUIET)
    page.get_by_role("button", name="Disable…").click()
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Disable the subscription?")


def keyboard_alone_reaches_every_control(browser):
    page = open_page(browser)
    for address in (LIST, BUSY + "?state=failed"):
        page.goto(URL + address)
        wanted = page.locator("a[href], button, summary, input").and_(page.locator(":enabled, a, summary")).filter(
            visible=True).count()
        reached = set()
        for _ in range(wanted + 10):
            page.keyboard.press("Tab")
            reached.add(page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))
        assert len(reached) >= wanted, f"{address}: {len(reached)} of {wanted}"
    page.locator(".tries summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tries li").first).to_be_visible()


def console_stays_silent(browser):
    for scheme in ("light", "dark"):
        problems = []
        page = open_page(browser, problems, color_scheme=scheme)
        for address in ADDRESSES:
            policy = page.goto(URL + address).headers.get("content-security-policy", "")
            assert "default-src 'none'" in policy and "unsafe-inline" not in policy, policy
        sign_in(page, BUSY)
        assert not problems, problems


def open_attempts(page):
    for summary in page.locator(".tries summary").all()[:3]:
        summary.click()


def axe_finds_nothing(browser):
    axe_finds_nothing_at(
        browser, ADDRESSES + ["/ops/confirm?act=webhook-disable&webhook=sub_web1"], prepare=sign_in,
        opened=open_attempts)


def nothing_scrolls_sideways(browser):
    nothing_scrolls_sideways_at(
        browser, ADDRESSES + ["/ops/confirm?act=webhook-disable&webhook=sub_web1"], prepare=sign_in)
    page = open_page(browser, viewport={"width": 320, "height": 700})
    sign_in(page, BUSY)
    page.goto(URL + BUSY + "?state=failed")
    open_attempts(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320, f"opened attempts are {wide} px wide"


def first_visit_is_light_and_steady(browser):
    for address in (LIST, BUSY):
        first_visit_is_light_and_steady_at(
            browser, address, lambda page: expect(page.locator("main tbody tr").first).to_be_visible())


def fill(database):
    """One that is busy and fails now and then, one that is quiet, one that was given up, and many that wait."""
    now = int(time.time() * 1000)
    database.execute("BEGIN IMMEDIATE")
    hosts = ["127.0.0.1:9", "127.0.0.1:10", LONG] + [f"hooks{place}.example.net" for place in range(24)]
    for place, host in enumerate(hosts):
        state = "active" if place < 2 else "disabled" if place == 2 else "pending"
        name, made = f"sub_web{place}", now - 86_400_000 * 20 + place
        database.execute(
            "INSERT INTO subscription (id, url, types, state, created_at_ms, updated_at_ms, verified_at_ms, challenge,"
            " disabled_reason, description, consecutive_failures, failing_since_ms, last_attempt_at_ms,"
            " last_success_at_ms, filter) VALUES (?, ?, 'model.*', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (name, f"https://{host}/hooks/secret?key=1", state, made, made, made if place < 2 else None,
             "x" if state == "pending" else None, "the receiver answered 410 Gone" if place == 2 else None,
             "Alerts of the platform team" if place == 0 else None, 1 if place == 0 else 0,
             now - 60_000 if place == 0 else None, now - 60_000 if place < 2 else None, now - 90_000 if place < 2 else
             None, '{"feed":["hub"]}' if place == 0 else None))
        for key in range(2 if place == 0 else 1):
            database.execute(
                "INSERT INTO subscription_key (id, subscription_id, secret, created_at_ms, expires_at_ms)"
                " VALUES (?, ?, ?, ?, ?)",
                (f"key_web{place}_{key}", name, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", made + key * 1000,
                 now + 3_600_000 if place == 0 and key == 0 else None))
    for number in range(40):
        created = now - 60_000 - number * 1_800_000
        failed = number == 1
        event, delivery = f"msg_web{number}", f"dlv_web{number}"
        database.execute(
            "INSERT INTO event (id, type, origin_key, occurred_at_ms, body) VALUES (?, 'model.rank.changed', ?, ?, ?)",
            (event, event, created,
             b'{"type":"model.rank.changed","timestamp":"2026-05-04T08:43:19.965Z","data":{}}'))
        database.execute(
            "INSERT INTO delivery (id, event_id, subscription_id, state, attempts, created_at_ms, ended_at_ms,"
            " position) VALUES (?, ?, 'sub_web0', ?, ?, ?, ?, ?)",
            (delivery, event, "failed" if failed else "succeeded", 3 if failed else 1, created, created + 100,
             40 - number))
        for attempt in range(3 if failed else 1):
            database.execute(
                "INSERT INTO delivery_attempt (delivery_id, number, url, address, http_version, tls_version,"
                " request_headers, body_sha256, key_ids, started_at_ms, dns_ms, connect_ms, tls_ms, first_byte_ms,"
                " total_ms, status, response_headers, response_body, error_class, error_message, retry_after_ms,"
                " worker, subscription_id, counts)"
                " VALUES (?, ?, 'https://127.0.0.1:9/hooks/secret', '192.0.2.7', '2', 'TLSv1.3',"
                " 'webhook-id: x', zeroblob(32), 'key_web0_1', ?, 1, 9, 22, 70, 84, ?, ?, ?, ?, ?, ?, 'notifier-1',"
                " 'sub_web0', ?)",
                (delivery, attempt + 1, created + attempt * 5_000, 503 if failed else 204,
                 "content-type: text/plain\nretry-after: 90" if failed else "", ANSWER.encode() if failed else b"",
                 "http_5xx" if failed else None, "the receiver answered 503" if failed else None,
                 90_000 if failed else None, 1 if attempt == 0 else 0))
    database.execute("COMMIT")


def main():
    if not URL or not TOKEN or "HELICARRIER_DB_PATH" not in os.environ:
        sys.exit("start it with scripts/with-service")
    fill(data.connect())
    run("webhook", BUSY, [
        all_is_there_without_javascript,
        the_list_leads_to_each_subscription,
        deliveries_are_filtered_and_paged,
        attempts_open_and_tell_operators_more,
        keyboard_alone_reaches_every_control,
        console_stays_silent,
        axe_finds_nothing,
        nothing_scrolls_sideways,
        first_visit_is_light_and_steady,
        acting_needs_a_sign_in_and_goes_on_behind_it,
        a_resend_is_asked_for_and_confirmed,
        a_subscription_is_disabled_and_enabled,
    ])


if __name__ == "__main__":
    main()
