"""A browser before a real server, and a server whose loop has turned once.

Chromium is Debian's. Screenshots are kept under build/test-results/screenshots.
"""

import os
import pathlib

import pytest
from playwright.sync_api import expect, sync_playwright

from guests import GUEST
from rankloop_process import ROOT, Server, run, wait_until

SCREENSHOTS = ROOT / "build/test-results/screenshots"
CHROMIUM = "/usr/bin/chromium"
PATIENCE = 60_000  # ms
JOURNEYS = 600
NARROW = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser():
    # Chromium refuses its sandbox to root.
    options = ["--disable-gpu"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


class Dashboard:
    """One page of the dashboard. Whatever the browser complains about is kept in `complaints`."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.complaints = []
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message):
        # An answer that is no 2xx is the server's affair, and tested as such.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def open(self, path="", title=None):
        self.page.goto(f"{self.server.url}/#/{path}")
        if title:
            self.page.get_by_role("heading", level=1, name=title, exact=True).wait_for()
        return self.page

    def settle(self):
        """Waits until nothing on the page is being loaded any more."""
        expect(self.page.locator(".loading")).to_have_count(0, timeout=PATIENCE)

    def picture(self, name, whole=True):
        """Of the whole page, however long; or of what the window shows."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole, animations="disabled", timeout=PATIENCE)


@pytest.fixture
def dashboard(browser, request):
    """dashboard(server, **context options) is a new browser window on that server."""
    contexts = []

    def make(server, **options):
        options.setdefault("viewport", {"width": 1280, "height": 860})
        context = browser.new_context(reduced_motion="reduce", **options)
        contexts.append(context)
        return Dashboard(context.new_page(), server)

    yield make
    for context in contexts:
        context.close()


def train(client, family="logistic"):
    answer = client.post("/train/start", {"family": family})
    assert answer.status == 200, answer
    task = answer.json["task_id"]
    wait_until(lambda: client.get(f"/train/status/{task}").json["state"] == "succeeded", 120, "the training's end")


@pytest.fixture(scope="session")
def turned_data(seeded_data, tmp_path_factory):
    """The data of a server whose guests have picked and whose second model has met the gate; not in use."""
    folder = tmp_path_factory.mktemp("turned")
    with Server(data_dir=folder, copy_of=seeded_data) as server:
        sent = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "8", "--journeys", JOURNEYS,
                   "--quiet")
        assert sent.returncode == 0, sent.stderr
        with server.client() as client:
            train(client)
        server.stop()
    return folder


@pytest.fixture(scope="session")
def turned_server(turned_data):
    """A server whose loop has turned; the tests that share it change no model."""
    with Server(copy_of=turned_data) as server:
        yield server


@pytest.fixture
def own_turned_server(turned_data):
    with Server(copy_of=turned_data) as server:
        yield server


@pytest.fixture
def demo_server(turned_data):
    with Server("--demo", copy_of=turned_data) as server:
        yield server


@pytest.fixture(scope="session")
def picked_task(turned_server):
    """A task whose best result was picked."""
    with turned_server.client() as client:
        answer = client.post("/inference/start?wait=30s&limit=10", GUEST)
        task = answer.json["task_id"]
        best = answer.json["results"][0]["location_id"]
        assert client.put("/inference/select", {"task_id": task, "location_id": best}).status == 200
    return task


# Scripts of a page under a policy of its own scripts only: axe is evaluated, not loaded.
RUN_AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def violations(page, axe):
    page.evaluate(f"() => {{ {axe} }}")
    return [f"{found['id']}: {found['help']}: {[node['html'][:160] for node in found['nodes'][:3]]}"
            for found in page.evaluate(RUN_AXE)]


@pytest.fixture(scope="session")
def axe():
    """The source of axe-core, from the packages that the pages are built with."""
    return pathlib.Path(ROOT / "build/web-packages/node_modules/axe-core/axe.min.js").read_text()
