#!/usr/bin/env python3
"""One model, comparisons, families and anomalies in a real browser, on the recorded week and the daily listings."""

import csv
import re
import urllib.parse

from playwright.sync_api import expect

import daily_feed
from gates import (
    URL, axe_finds_nothing_at, first_visit_is_light_and_steady_at, nothing_scrolls_sideways_at, open_page, run,
    slow_visit_is_steady_at)

MODEL = "/models/Qwen/Qwen3.6-27B"
PAIR = "/compare?model=Qwen%2FQwen3.6-27B&model=google%2Fgemma-4-31B-it"
FAMILY = "/families/Qwen/Qwen3.6-27B"
DAILY = "/anomalies?feed=transformers-js"
ADDRESSES = [MODEL, MODEL + "?open=quantized&metric=rank&days=7", PAIR, PAIR + "&differences=1", "/compare",
             "/compare?model=no%2Fsuch", "/families", FAMILY, DAILY, "/anomalies", "/models/no/such"]


def api(page, path):
    return page.context.request.get(URL + "/api/v4" + path).json()


def a_model_shows_what_the_api_knows(browser):
    page = open_page(browser)
    page.goto(URL + MODEL)
    model = api(page, MODEL)
    expect(page.locator("h1")).to_have_text("Qwen3.6-27B")
    strip = page.locator("dl.strip").text_content()
    assert f"{model['scores']['total']}" in strip and f"of {api(page, '/models')['page']['total']:,}" in strip
    parts = page.locator("dl.parts div").all()
    assert len(parts) == 3
    for part, known in zip(parts, model["scoreBreakdown"]):
        assert f"{known['value']:.1f}" in part.text_content(), known
    assert f"{model['familyRollup']['size']} models" in page.locator("#family").text_content()
    facts = page.locator("dl.facts").text_content()
    assert model["license"]["name"] in facts and "tag" not in model["license"]


def the_chart_is_the_history(browser):
    page = open_page(browser)
    page.goto(URL + MODEL)
    points = api(page, MODEL + "/history")["points"]
    page.get_by_text("Show as table").click()
    rows = page.locator(".astable tbody tr").all_text_contents()
    assert len(rows) >= len(points) > 5
    assert f"{points[-1]['downloads']:,}" in rows[0]
    page.locator("#metric-rank").click()
    expect(page).to_have_url(URL + MODEL + "?metric=rank")
    expect(page.locator("#metric-rank")).to_have_attribute("aria-current", "true")
    assert page.evaluate("document.activeElement.id") == "metric-rank", "focus is lost"


def the_chart_is_read_by_pointer_and_keys(browser):
    page = open_page(browser)
    page.goto(URL + MODEL)
    points = api(page, MODEL + "/history")["points"]
    rest = page.locator("[data-readout]").text_content()
    page.locator(".plot").focus()
    page.keyboard.press("End")
    expect(page.locator("[data-readout]")).to_contain_text(f"{points[-1]['downloads']:,}")
    page.keyboard.press("Home")
    expect(page.locator("[data-readout]")).to_contain_text(f"{points[0]['downloads']:,}")
    page.locator(".plot").hover()
    expect(page.locator(".cross")).to_have_attribute("visibility", "visible")
    page.mouse.move(5, 5)
    page.locator("h1").click()
    expect(page.locator("[data-readout]")).to_have_text(rest)


def the_family_unfolds(browser):
    for script in (True, False):
        page = open_page(browser, java_script_enabled=script)
        page.goto(URL + MODEL)
        page.get_by_role("link", name="Quantisations").click()
        expect(page).to_have_url(URL + MODEL + "?open=quantized")
        expect(page.locator("#family tr.in")).to_have_count(13)
        page.get_by_text(re.compile("All .* on the leaderboard")).click()
        expect(page.locator(".chip")).to_have_count(2)


def models_compare(browser):
    page = open_page(browser)
    page.goto(URL + PAIR)
    expect(page.locator("table.compare thead th[scope=col]")).to_have_count(2)
    one, other = api(page, "/models/Qwen/Qwen3.6-27B"), api(page, "/models/google/gemma-4-31B-it")
    score = page.locator("table.compare tr", has=page.get_by_role("rowheader", name="Score", exact=True))
    best = 1 if one["scores"]["total"] > other["scores"]["total"] else 2
    expect(score.locator("td").nth(best - 1)).to_contain_text("best")
    expect(score.locator(".tag")).to_have_count(1)
    before = page.locator("table.compare tbody tr").count()
    page.get_by_role("button", name="Only differences").click()
    expect(page).to_have_url(URL + PAIR + "&differences=1")
    assert page.locator("table.compare tbody tr").count() < before
    page.get_by_label("Id of a model").fill("hexgrad/Kokoro-82M")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("table.compare thead th[scope=col]")).to_have_count(3)
    page.get_by_label("Id of a model").fill("no/such")
    page.get_by_role("button", name="Add").click()
    expect(page.locator(".banner")).to_contain_text("no/such")
    expect(page.locator("table.compare thead th[scope=col]")).to_have_count(3)


def lines_are_named_at_their_ends(browser):
    for width, part in ((1440, "wide"), (390, "narrow"), (320, "narrow")):
        page = open_page(browser, viewport={"width": width, "height": 900})
        for metric in ("", "&metric=downloads", "&metric=rank"):
            page.goto(URL + PAIR + "&model=hexgrad%2FKokoro-82M" + metric)
            expect(page.locator(f".ends .{part}").filter(visible=True)).to_have_count(3)
            boxes = [name.bounding_box() for name in page.locator(f".ends .{part}").all()]
            boxes.sort(key=lambda box: box["y"])
            assert all(above["y"] + above["height"] <= below["y"] + 1 for above, below in zip(boxes, boxes[1:])), boxes
            edge = page.locator(".chart").bounding_box()
            assert all(box["x"] + box["width"] <= edge["x"] + edge["width"] for box in boxes), (boxes, edge)


def the_top_bar_stays_in_the_feed(browser):
    page = open_page(browser, java_script_enabled=False)
    page.goto(URL + "/?feed=transformers-js")
    for name, path in (("Families", "/families"), ("Anomalies", "/anomalies"), ("Compare", "/compare")):
        page.locator(".nav").get_by_role("link", name=name).click()
        expect(page).to_have_url(URL + path + "?feed=transformers-js")
        expect(page.locator(".head [data-pop=Feed] .v")).to_have_text("transformers-js")
    page.locator(".head [data-pop=Feed] summary").click()
    page.locator(".head [data-pop=Feed]").get_by_role("link", name="hub", exact=True).click()
    expect(page).to_have_url(URL + "/compare")


def families_are_those_of_the_api(browser):
    page = open_page(browser)
    for number, cursor in ((1, ""), (2, None)):
        answer = api(page, "/families" + (cursor if cursor is not None else "?cursor=" + following))
        following = answer["page"]["nextCursor"]
        page.goto(URL + "/families" + ("" if number == 1 else f"?page={number}"))
        names = page.locator("tbody th .name").all_text_contents()
        assert names == [family["name"] for family in answer["families"]]
    page.goto(URL + FAMILY)
    family = api(page, FAMILY)
    names = page.locator("tbody th .name").all_text_contents()
    assert names == [member["id"].split("/")[-1] for member in family["members"]]
    assert f"{family['size']}" in page.locator("dl.strip").text_content()


def anomalies_are_those_of_the_api(browser):
    page = open_page(browser)
    page.goto(URL + DAILY)
    rows = api(page, DAILY)["anomalies"]
    assert len(rows) > 5, "the recordings have anomalies"
    names = page.locator("tbody th .name").all_text_contents()
    assert names == [row["model"].split("/")[-1] for row in rows][:25]
    page.locator("#state-open").click()
    expect(page).to_have_url(URL + DAILY + "&state=open")
    opened = api(page, DAILY + "&state=open")["anomalies"]
    expect(page.locator("tbody tr")).to_have_count(len(opened))
    page.goto(URL + DAILY)
    page.locator("tbody [data-open]").first.click()
    expect(page.locator("#anomalies .events li").first).to_be_visible()
    assert page.locator("circle.pin").count() >= 1


def links_lead_to_the_feed_and_the_badge(browser):
    page = open_page(browser)
    page.goto(URL + "/?feed=transformers-js")
    assert page.locator("link[rel=alternate]").get_attribute("href") == "/feed.atom?feed=transformers-js"
    page.goto(URL + MODEL)
    badge = page.get_by_role("link", name="Badge").get_attribute("href")
    answer = page.context.request.get(URL + badge)
    assert answer.ok and answer.headers["content-type"].startswith("image/svg+xml")
    file = page.context.request.get(URL + page.get_by_role("link", name="History as CSV").get_attribute("href"))
    assert file.headers["content-disposition"].startswith("attachment")
    lines = list(csv.DictReader(file.text().splitlines()))
    points = api(page, MODEL + "/history")["points"]
    assert [line["downloads"] for line in lines] == [str(point["downloads"]) for point in points]


def picks_stay_in_their_feed(browser):
    problems = []
    page = open_page(browser, problems)
    page.goto(URL)
    page.locator("tbody [data-pick]").first.check()
    page.goto(URL + "/?feed=transformers-js")
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.locator("[data-tray]")).to_be_hidden()
    page.goto(URL + "/families")
    # There is nothing to compare here, so the key does nothing.
    page.keyboard.press("c")
    page.keyboard.press("?")
    sections = page.locator(".nav a").count()
    expect(page.locator("dialog[open]")).to_contain_text(f"g then 1 to {sections}")
    page.goto(URL)
    expect(page.locator("[data-tray]")).to_be_visible()
    assert not problems, problems


def rows_are_the_same_with_and_without_javascript(browser):
    scripted, plain = open_page(browser), open_page(browser, java_script_enabled=False)
    for address in ADDRESSES:
        texts = []
        for page in (scripted, plain):
            page.goto(URL + address)
            texts.append(page.locator("main tbody tr").all_text_contents())
        assert texts[0] == texts[1], address


def hostile_names_break_nothing(browser):
    """Markup stays text, and a long word breaks no layout, on every page that shows it."""
    daily_feed.load_hostile()
    problems = []
    page = open_page(browser, problems)
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    page.goto(URL + "/?feed=hostile")
    rows = page.locator("tbody tr")
    assert rows.count() >= len(daily_feed.HOSTILE), "most names are refused: this shows nothing"
    models = [link.get_attribute("href") for link in page.locator("tbody [data-open]").all()]
    boxes = [box.get_attribute("value") for box in page.locator("tbody [data-pick]").all()]
    pages = ["/?feed=hostile", "/families?feed=hostile", "/anomalies?feed=hostile", *models[:12],
             "/compare?feed=hostile&" + urllib.parse.urlencode([("model", box) for box in boxes[:4]])]
    for address in pages:
        assert page.goto(URL + address).status == 200, address
        assert page.locator("script").count() <= 2 and page.locator("img").count() == 0, address
        # A name that runs right to left stays within its own element.
        assert page.locator("h1").count() == 1
    assert not problems, problems
    nothing_scrolls_sideways_at(browser, pages, widths=(320, 760, 1440))


def console_stays_silent(browser):
    for scheme in ("light", "dark"):
        problems = []
        page = open_page(browser, problems, color_scheme=scheme)
        for address in ADDRESSES:
            page.goto(URL + address)
        # That an address has nothing is itself a message of the browser.
        problems = [problem for problem in problems if "404" not in problem]
        assert not problems, problems


def axe_finds_nothing(browser):
    def unfold(page):
        for summary in page.locator("main details:not([data-pop]) > summary").all():
            summary.click()
    axe_finds_nothing_at(browser, ADDRESSES, opened=unfold)


def nothing_scrolls_sideways(browser):
    nothing_scrolls_sideways_at(browser, ADDRESSES)


def first_visit_is_light_and_steady(browser):
    for address in (MODEL, PAIR):
        first_visit_is_light_and_steady_at(browser, address, lambda page: page.wait_for_load_state("load"))


def rows_that_arrive_late_move_nothing(browser):
    slow_visit_is_steady_at(browser, ["/", MODEL, PAIR, "/families", FAMILY, DAILY])


CHECKS = [
    a_model_shows_what_the_api_knows,
    the_chart_is_the_history,
    the_chart_is_read_by_pointer_and_keys,
    the_family_unfolds,
    models_compare,
    lines_are_named_at_their_ends,
    the_top_bar_stays_in_the_feed,
    families_are_those_of_the_api,
    anomalies_are_those_of_the_api,
    links_lead_to_the_feed_and_the_badge,
    picks_stay_in_their_feed,
    rows_are_the_same_with_and_without_javascript,
    hostile_names_break_nothing,
    console_stays_silent,
    axe_finds_nothing,
    nothing_scrolls_sideways,
    first_visit_is_light_and_steady,
    rows_that_arrive_late_move_nothing,
]


if __name__ == "__main__":
    daily_feed.load()
    run("model", MODEL, CHECKS)
