"""Several tabs of one browser, and how calm a page is: connections, requests a minute, layout that stays in its place."""

import re
import time

from playwright.sync_api import expect

from conftest import Dashboard
from guests import metric
from rankloop_process import wait_until

SECONDS = 60_000
MINUTE = 60_000  # ms
TABS = 7         # one more than the connections that a browser opens to a server
PATHS = ["", "try", "performance", "models", "training", "tasks", "inspect", "catalog", "drift", "system"]
MOST_REQUESTS = 40  # a minute
MOST_SHIFT = 0.02

# What moved by itself since the page was opened, as browsers score it.
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""
HIDE = """(hidden) => {
  Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def tabs(browser, server, count):
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 860})
    return context, [Dashboard(context.new_page(), server) for _ in range(count)]


def test_tabs_share_one_stream_and_hidden_ones_have_none(browser, turned_server):
    context, windows = tabs(browser, turned_server, TABS)
    with turned_server.client() as client:
        streams = lambda: metric(client, "rankloop_http_waiting")
        for window in windows:
            page = window.open("", "Loop")
            expect(page.locator(".cycle svg .words")).to_have_count(7, timeout=SECONDS)
        wait_until(lambda: streams() == 1, what="the one stream of all tabs")
        # A further page has connections left.
        expect(windows[-1].open("tasks", "Tasks").get_by_role("region", name="Table of tasks")).to_be_visible(timeout=SECONDS)
        # Whoever read the stream gives it up when hidden, and another goes on.
        for window in windows[:3]:
            window.page.evaluate(HIDE, True)
        wait_until(lambda: streams() == 1, what="the stream of those that are seen")
        for window in windows:
            window.page.evaluate(HIDE, True)
        wait_until(lambda: streams() == 0, what="no stream of hidden tabs")
        windows[0].page.evaluate(HIDE, False)
        wait_until(lambda: streams() == 1, what="the stream of the tab that is seen again")
        assert all(window.complaints == [] for window in windows)
    context.close()


def test_every_page_stays_in_its_place_and_asks_seldom(browser, demo_server):
    with demo_server.client() as client:
        assert client.post("/simulate/start", {"rate": 2}).status == 200
    asked = {}
    contexts = []
    for path in PATHS:
        context = browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 860})
        contexts.append(context)
        context.add_init_script(WATCH_SHIFTS)
        window = Dashboard(context.new_page(), demo_server)
        asked[path] = [window, []]

        def note(request, path=path):
            if "/docs/assets/" not in request.url:
                asked[path][1].append(time.monotonic())

        window.page.on("request", note)
        window.open(path)
    # A minute of each, side by side: the last one opened needs the longest.
    asked[PATHS[-1]][0].page.wait_for_timeout(MINUTE)
    told = {path or "loop": (round(window.page.evaluate("window.shifted"), 4), sum(at < times[0] + MINUTE / 1000 for at in times))
            for path, (window, times) in asked.items()}
    for context in contexts:
        context.close()
    print(told)
    assert all(shift < MOST_SHIFT and requests < MOST_REQUESTS for shift, requests in told.values()), told


def test_tasks_keep_rows_and_focus_under_the_hands(dashboard, demo_server):
    with demo_server.client() as client:
        assert client.post("/simulate/start", {"rate": 5}).status == 200
        window = dashboard(demo_server)
        page = window.open("tasks", "Tasks")
        table = page.get_by_role("region", name="Table of tasks")
        link = table.get_by_role("link").nth(4)
        link.focus()
        held = link.inner_text()
        # The pointer is elsewhere: the focus alone keeps the rows.
        newer = page.get_by_role("button", name=re.compile("^Show .* newer"))
        expect(newer).to_be_visible(timeout=SECONDS)
        assert page.evaluate("document.activeElement.textContent") == held
        expect(table.get_by_role("link").nth(4)).to_have_text(held)
        newer.click()
        expect(table.get_by_role("link").nth(4)).not_to_have_text(held, timeout=SECONDS)

        # Who follows sees new rows come, but never under the focus.
        page.get_by_role("button", name="Follow").click()
        first = table.get_by_role("link").first
        seen = first.inner_text()
        expect(first).not_to_have_text(seen, timeout=SECONDS)
        table.get_by_role("link").nth(2).focus()
        held = table.get_by_role("link").nth(2).inner_text()
        expect(newer).to_be_visible(timeout=SECONDS)
        assert page.evaluate("document.activeElement.textContent") == held
        page.get_by_role("button", name="Pause").click()
        expect(newer).to_be_visible(timeout=SECONDS)
        assert window.complaints == []
