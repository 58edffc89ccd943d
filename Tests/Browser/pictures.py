#!/usr/bin/env python3
"""Pictures of every page: light and dark at 1440 px, light at 390 px. The folder is the argument."""

import pathlib
import sys

from playwright.sync_api import sync_playwright

import daily_feed
import ledger_data
from gates import CHROMIUM, take_pictures
from test_ledger_pages import HOSTILE, sign_in

PAGES = {
    "leaderboard": "/",
    "leaderboard-filtered": "/?capability=vision&capability=tools&license=permissive&sort=-delta7d",
    "leaderboard-empty": "/?capability=rerank&provider=deepseek-ai",
    "model": None,
    "model-daily": None,
    "compare": None,
    "families": "/families",
    "family": None,
    "anomalies": "/anomalies?feed=transformers-js",
    "operations": "/ops",
}
SIGNED_IN = {
    "usage": "/usage", "usage-agents": "/usage?by=agent&days=7", "sessions": "/sessions",
    "session": "/sessions/s-010", "session-hostile": HOSTILE,
}


def main():
    folder = pathlib.Path(sys.argv[1])
    daily_feed.load()
    ledger_data.load()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        addresses = PAGES | found(browser)
        for name, address in addresses.items():
            take_pictures(browser, folder, name, address)
            print(f"{name}: {address}")
        for name, address in SIGNED_IN.items():
            take_pictures(browser, folder, name, address, prepare=sign_in)
            print(f"{name}: {address}")
        browser.close()


def found(browser):
    """Addresses of what the recordings have: the first model, the largest family, the newest anomaly."""
    from gates import URL
    page = browser.new_page()
    page.goto(URL + "/")
    models = [link.get_attribute("href") for link in page.locator("tbody [data-open]").all()[:3]]
    page.goto(URL + "/families")
    family = page.locator("tbody [data-open]").first.get_attribute("href")
    page.goto(URL + "/anomalies?feed=transformers-js")
    unusual = page.locator("tbody [data-open]").first.get_attribute("href")
    page.close()
    ids = "&".join("model=" + link.removeprefix("/models/").replace("/", "%2F") for link in models)
    return {"model": models[0] + "?open=quantized", "model-daily": unusual, "compare": f"/compare?{ids}",
            "family": family}


if __name__ == "__main__":
    main()
