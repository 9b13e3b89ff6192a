"""What people watch: the loop's arrows, guests who come, drift over time, the system and its settings."""

import re

from playwright.sync_api import expect

from conftest import NARROW, violations
from guests import GUEST, start
from rankloop_process import Server, wait_until

SECONDS = 60_000
STEPS = ["scored", "shown", "picked", "trained", "gated", "promoted", "requests"]
HEALTH = "well|still|attention|broken"


def stat(page, name):
    return page.locator(".stat", has=page.get_by_text(name, exact=True))


def test_every_arrow_of_the_loop_has_rate_lag_and_health(dashboard, turned_server):
    page = dashboard(turned_server).open("", "Loop")
    arrows = page.locator(".cycle svg .words")
    expect(arrows).to_have_count(7, timeout=SECONDS)
    with turned_server.client() as client:
        report = client.get("/monitoring/loop").json["arrows"]
    assert [arrow["to"] for arrow in report] == STEPS
    for index, arrow in enumerate(report):
        expect(arrows.nth(index).locator(".arrow-rate")).to_have_text(re.compile(r"none|/(s|min|h|day)$"))
        expect(arrows.nth(index).locator(".arrow-lag").first).to_have_text(re.compile(r"\d|no lag yet"))
        expect(arrows.nth(index).locator(".arrow-health")).to_have_text(re.compile(HEALTH))  # in a word, not by colour alone
        # A reader of the screen hears the same, and why.
        told = page.locator(".cycle-list .arrow").nth(index)
        expect(told).to_contain_text(f"to {arrow['to']}")
        expect(told).to_contain_text(arrow["lag_of"])
    expect(page.locator(".cycle-list .arrow").nth(3)).to_contain_text("since the last training")


def test_loop_on_a_phone_is_a_list(dashboard, turned_server):
    page = dashboard(turned_server, viewport=NARROW, has_touch=True).open("", "Loop")
    expect(page.locator(".cycle-list .arrow")).to_have_count(7, timeout=SECONDS)
    expect(page.locator(".cycle-list .health").first).to_be_visible()
    expect(page.locator(".cycle > svg")).to_be_hidden()


def test_guests_come_at_a_rate_and_the_loop_moves(dashboard, demo_server, axe):
    window = dashboard(demo_server)
    page = window.open("try", "Try it")
    page.get_by_label("Journeys a second").fill("40")
    page.get_by_role("button", name="Start", exact=True).click()
    told = page.locator(".guests .told")
    expect(told).to_contain_text("40 a second", timeout=SECONDS)
    expect(told).to_contain_text(re.compile(r"\d+ journeys: \d+ % picked"), timeout=SECONDS)
    assert violations(page, axe) == []
    window.picture("try-guests")
    told.get_by_role("link", name="Watch the loop").click()
    page.get_by_role("heading", level=1, name="Loop").wait_for()
    expect(page.locator(".way.flows .flow").first).to_be_attached(timeout=SECONDS)
    expect(page.locator(".cycle svg .words.well .arrow-rate").first).to_have_text(re.compile(r"/(s|min)$"))
    expect(page.get_by_role("img", name="Requests, rankings and outcomes a second")).to_be_visible(timeout=SECONDS)
    window.picture("loop-flows")

    page = window.open("try", "Try it")
    page.get_by_label("Journeys a second").fill("2")
    page.get_by_role("button", name="Change").click()
    expect(page.locator(".guests .told")).to_contain_text("2 a second", timeout=SECONDS)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".guests .told")).to_contain_text("not coming", timeout=SECONDS)
    with demo_server.client() as client:
        assert client.get("/simulate").json["running"] is False
    assert window.complaints == []


def test_guests_stay_away_without_demo_mode(dashboard, turned_server):
    page = dashboard(turned_server).open("try", "Try it")
    expect(page.get_by_text("This server does not run in demo mode")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_label("Journeys a second")).to_have_count(0)


def test_drift_is_seen_over_time_by_keyboard(dashboard, turned_server, axe):
    window = dashboard(turned_server)
    page = window.open("drift", "Drift")
    with turned_server.client() as client:
        history = client.get("/monitoring/drift/history").json
    windows = len(history["windows"])
    assert windows >= 2
    expect(page.locator(".sparkline")).to_have_count(len(history["features"]), timeout=SECONDS)
    card = page.get_by_role("button", name="price, over time")
    card.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="price")).to_be_visible()
    expect(dialog.get_by_text(f"Window {windows} of {windows}")).to_be_visible()
    dialog.get_by_role("slider").focus()
    page.keyboard.press("Home")
    expect(dialog.get_by_text(f"Window 1 of {windows}")).to_be_visible()
    price = next(feature for feature in history["features"] if feature["feature"] == "price")
    expect(dialog.locator(".window .badge")).to_have_text(f"{price['stability_indexes'][0]:.3f}")
    assert violations(page, axe) == []
    window.picture("drift-window")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert window.complaints == []


def test_system_tells_memory_health_and_settings(dashboard, turned_data):
    secret = "a-secret-of-16-letters"
    with Server("--workers", "2", copy_of=turned_data, env={"RANKLOOP_AUTH_TOKEN": secret}) as server:
        window = dashboard(server)
        page = window.open("system", "System")
        page.get_by_label("This server asks for a token").fill(secret)
        page.get_by_role("button", name="Use it").click()
        page = window.open("system", "System")
        page.reload()
        expect(stat(page, "Memory")).to_contain_text("MB", timeout=SECONDS)
        expect(stat(page, "Store")).to_contain_text("sqlite")
        for part in ("Alive", "Ready", "Store", "Queue"):
            expect(page.locator(".pairs div", has=page.get_by_text(re.compile(f"^{part} "))).locator(".badge").first).to_have_class(
                re.compile("good"), timeout=SECONDS)
        table = page.get_by_role("region", name="Table of settings")

        def row(key):
            return table.locator("tr", has=page.get_by_role("rowheader", name=key, exact=True))

        expect(row("workers")).to_contain_text("command line")
        expect(row("auth.token")).to_contain_text("***")
        page.get_by_label("Search").fill("margin")
        expect(row("gate.margin")).to_contain_text("default")
        page.get_by_label("Search").fill("nothing like it")
        expect(page.get_by_text("No setting is like that")).to_be_visible()
        page.get_by_label("Search").fill("")
        page.get_by_label("All settings").check()
        with server.client(headers={"Authorization": f"Bearer {secret}"}) as client:
            expect(table.locator("tbody tr")).to_have_count(len(client.get("/settings").json))
        assert secret not in page.content()


def test_queue_tells_workers_and_the_oldest(dashboard, seeded_data):
    with Server("--workers", "0", copy_of=seeded_data) as server, server.client() as client:
        task = start(client)
        wait_until(lambda: client.get(f"/tasks/{task}").json["state"] == "ready", what="the task")
        page = dashboard(server).open("tasks", "Tasks")
        expect(stat(page, "Waiting")).to_contain_text("the oldest for", timeout=SECONDS)
        expect(stat(page, "Workers here")).to_contain_text("others run the tasks")


def test_queue_tells_latencies(dashboard, turned_server, picked_task):
    page = dashboard(turned_server).open("tasks", "Tasks")
    for name in ("Accepted to done", "Waiting for a worker", "Scoring", "Writing the result"):
        expect(stat(page, name).locator("dd")).to_contain_text(re.compile("[0-9] (µs|ms|s)95 %"), timeout=SECONDS)


def test_training_tells_what_moves_the_scores(dashboard, turned_server):
    page = dashboard(turned_server).open("training", "Training")
    expect(page.get_by_role("heading", name="What moves its scores")).to_be_visible(timeout=SECONDS)
    expect(page.locator(".importance tbody tr")).to_have_count(12, timeout=SECONDS)


def test_task_tells_when_it_was_shown_and_picked(dashboard, turned_server, picked_task):
    page = dashboard(turned_server).open(f"inspect/{picked_task}", "Inspect")
    expect(stat(page, "Shown")).to_contain_text("10 items", timeout=SECONDS)
    expect(stat(page, "Picked")).to_contain_text("at position 1")


def test_traced_task_leads_to_its_trace(dashboard, seeded_data):
    trace = "0af7651916cd43dd8448eb211c80319c"
    viewer = "http://127.0.0.1:16686/trace/{trace_id}"
    with Server(copy_of=seeded_data, env={"RANKLOOP_TRACING_PAGE": viewer}) as server, server.client() as client:
        traced = client.post("/inference/start?wait=30s", GUEST, headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        page = dashboard(server).open(f"inspect/{traced.json['task_id']}", "Inspect")
        expect(page.get_by_role("link", name=trace)).to_have_attribute("href", viewer.format(trace_id=trace), timeout=SECONDS)
        page = dashboard(server).open(f"inspect/{start(client)}", "Inspect")
        expect(stat(page, "Accepted")).to_be_visible(timeout=SECONDS)
        expect(page.get_by_text(re.compile("^Trace "))).to_have_count(0)


def test_catalog_is_put_in_order_of_exposure(dashboard, turned_server):
    page = dashboard(turned_server).open("catalog", "Catalog")
    page.get_by_label("Order").select_option("shown")
    with turned_server.client() as client:
        most = client.get("/monitoring/items").json["items"][0]
    row = page.get_by_role("region", name="Table of items").locator("tbody tr").first
    expect(row.get_by_role("button", name=f"Edit {most['location_id']}", exact=True)).to_be_visible(timeout=SECONDS)
