"""Takes the README's pictures: a server whose loop turns, and the pages as they are now. For script/pictures."""

import os
import pathlib
import sys

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from rankloop_process import ROOT, Server, run, wait_until  # noqa: E402

FOLDER = ROOT / "docs/pictures"
# name, page, its heading, colours, height
PAGES = [("loop", "", "Loop", "light", 1040), ("models", "models", "Models", "light", 1040),
         ("drift", "drift", "Drift", "dark", 900), ("performance", "performance", "Performance", "dark", 900)]
SETTINGS = {"RANKLOOP_EXPLORATION_SHARE": "0.1"}


def guests(server, journeys, *more):
    sent = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "8", "--journeys", journeys, "--quiet",
               *more, seconds=600)
    assert sent.returncode == 0, sent.stderr


def learn(client, **body):
    task = client.post("/train/start", body).json["task_id"]
    wait_until(lambda: client.get(f"/train/status/{task}").json["status"] == "SUCCESS", 300, "the training")


def take_pictures(server):
    options = ["--disable-gpu"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright, server.client() as client:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        client.post("/simulate/start", {"rate": 20})
        for name, page, heading, colours, height in PAGES:
            context = browser.new_context(viewport={"width": 1280, "height": height}, color_scheme=colours,
                                          reduced_motion="reduce")
            window = context.new_page()
            window.goto(f"{server.url}/#/{page}")
            window.get_by_role("heading", level=1, name=heading, exact=True).wait_for()
            window.wait_for_timeout(20_000)  # rates and lags are of the newest seconds
            window.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
            context.close()
        browser.close()


def main():
    with Server("--demo", env=SETTINGS) as server, server.client() as client:
        guests(server, 3000)
        learn(client, family="logistic")
        guests(server, 1500, "--seed", "2")
        learn(client, family="gbdt")
        guests(server, 1500, "--seed", "3")
        take_pictures(server)


if __name__ == "__main__":
    main()
