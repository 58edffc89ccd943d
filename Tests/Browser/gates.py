"""What every page is held to, and how the checks are run. HELICARRIER_URL names the service; see README.md."""

import importlib.resources
import os
import pathlib
import sys
import time
import traceback

from playwright.sync_api import sync_playwright

from slow_link import slow_link

URL = os.environ.get("HELICARRIER_URL", "").rstrip("/")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
WIDTHS = (320, 390, 600, 761, 901, 1061, 1241, 1440)
HEAVIEST = 60_000
SHIFTS = """() => { window.shift = 0; window.shifted = [];
    const name = (node) => node && (node.id ? '#' + node.id : (node.parentElement ? name(node.parentElement) + ' ' : '')
        + node.nodeName.toLowerCase() + (node.className ? '.' + node.className : ''));
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
            if (entry.hadRecentInput) continue;
            window.shift += entry.value;
            for (const { node, previousRect: from, currentRect: to } of entry.sources) window.shifted.push(
                `${name(node)} from ${from.x},${from.y} ${from.width}x${from.height} to ${to.x},${to.y} ` +
                `${to.width}x${to.height}`);
        }
    }).observe({ type: 'layout-shift', buffered: true }); }"""


def first_paint(page):
    """When the page was drawn first, in milliseconds from its start; waits for it."""
    for _ in range(300):
        if entries := page.evaluate(
                "performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)"):
            return entries[0]
        page.wait_for_timeout(100)
    raise AssertionError("nothing was drawn in 30 seconds")


def assert_steady(page):
    """What was drawn has stayed where it was. Returns the sum of the shifts, a share of the window."""
    shift, moved = page.evaluate("[window.shift, window.shifted]")
    assert shift <= 0.02, f"layout shift {shift}: {'; '.join(moved)}"
    return shift


def open_page(browser, problems=None, **options):
    """A page of a fresh browser profile; whatever it writes to the console goes to `problems`."""
    page = browser.new_context(**{"viewport": DESKTOP, **options}).new_page()
    if problems is not None:
        page.on("console", lambda message: problems.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: problems.append(str(error)))
    return page


def axe_finds_nothing_at(browser, addresses, prepare=lambda page: None, opened=lambda page: None):
    """`prepare` is done once on each fresh page, `opened` at each address."""
    found = []
    for scheme in ("light", "dark"):
        for viewport in (DESKTOP, PHONE):
            page = open_page(browser, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            prepare(page)
            for address in addresses:
                page.goto(URL + address)
                opened(page)
                # Evaluated through the debugging protocol, so the strict policy stays on.
                page.evaluate(AXE)
                result = page.evaluate(
                    "tags => axe.run(document, { runOnly: { type: 'tag', values: tags }, "
                    "resultTypes: ['violations'] })", AXE_TAGS)
                found += [f"{scheme} {viewport['width']} {address} {violation['id']}: {node['html'][:120]}"
                          for violation in result["violations"] for node in violation["nodes"][:3]]
    assert not found, "\n".join(found)


def nothing_scrolls_sideways_at(browser, addresses, prepare=lambda page: None, widths=WIDTHS):
    for width in widths:
        page = open_page(browser, viewport={"width": width, "height": 700})
        prepare(page)
        for address in addresses:
            page.goto(URL + address)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{address} is {wide} px wide on {width} px"
            inner = page.evaluate("""() => [...document.querySelectorAll('.scroll')].some(
                (box) => box.scrollWidth > box.clientWidth)""")
            assert not inner, f"a table of {address} scrolls on {width} px"
            # The menu may scroll; the page that one is on is in sight.
            hidden = page.evaluate("""() => [...document.querySelectorAll('.nav [aria-current]')].some((place) => {
                const [own, menu] = [place, place.parentElement].map((box) => box.getBoundingClientRect());
                return own.left < menu.left - 1 || own.right > menu.right + 1;
            })""")
            assert not hidden, f"the menu of {address} does not show where one is on {width} px"


def first_visit_is_light_and_steady_at(browser, address, arrived):
    """Weight is a limit; the times of a shared machine are printed only. `arrived` waits until all is there."""
    for name, viewport in (("phone", PHONE), ("desktop", DESKTOP)):
        page = open_page(browser, viewport=viewport)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        if name == "phone":
            session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
            session.send("Network.emulateNetworkConditions", {
                "offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000})
        sizes = []
        session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        page.add_init_script(f"({SHIFTS})()")
        page.goto(URL + address, wait_until="load")
        arrived(page)
        paint = first_paint(page)
        shift = assert_steady(page)
        nodes = page.evaluate("document.querySelectorAll('*').length")
        print(f"  {name}: {sum(sizes) / 1000:.1f} kB in {len(sizes)} requests, {nodes} elements, "
              f"FCP {paint:.0f} ms, CLS {shift:.3f}")
        assert 10_000 < sum(sizes) <= HEAVIEST, f"{sum(sizes)} bytes"


def slow_visit_is_steady_at(browser, addresses, prepare=lambda page: None):
    """Rows that arrive late move nothing that was drawn, however wide what stands in them."""
    with slow_link(URL) as slow:
        for address in addresses:
            for viewport in (PHONE, DESKTOP):
                page = open_page(browser, viewport=viewport)
                prepare(page)
                page.add_init_script(f"({SHIFTS})()")
                page.goto(slow + address, wait_until="load")
                first_paint(page)
                try:
                    assert_steady(page)
                except AssertionError as error:
                    raise AssertionError(f"{address} on {viewport['width']} px: {error}") from None


def take_pictures(browser, folder, name, address, prepare=lambda page: None):
    folder.mkdir(parents=True, exist_ok=True)
    for variant, scheme, viewport in (("light-1440", "light", DESKTOP), ("dark-1440", "dark", DESKTOP),
                                      ("light-390", "light", PHONE)):
        page = open_page(browser, viewport=viewport, color_scheme=scheme)
        prepare(page)
        page.goto(URL + address)
        page.screenshot(path=folder / f"{name}-{variant}.png", full_page=True)


def run(name, address, checks, before=lambda check: None):
    """Runs the checks one after the other; `before` is told of each. Pictures go to the folder SCREENSHOTS."""
    failed = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        if os.environ.get("SCREENSHOTS"):
            take_pictures(browser, pathlib.Path(os.environ["SCREENSHOTS"]), name, address)
        for check in checks:
            start = time.monotonic()
            try:
                before(check)
                check(browser)
                print(f"ok    {check.__name__} ({time.monotonic() - start:.0f} s)")
            except Exception:
                failed += 1
                print(f"FAIL  {check.__name__}")
                traceback.print_exc()
            for context in browser.contexts:
                context.close()
        browser.close()
    print(f"{len(checks) - failed} of {len(checks)} checks passed")
    sys.exit(1 if failed else 0)
