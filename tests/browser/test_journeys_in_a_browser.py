"""What people do with the dashboard: ask and pick, promote and roll back, train, cancel, edit, search."""

import re

from playwright.sync_api import expect

from guests import GUEST, metric, start
from rankloop_process import Server, wait_until

SECONDS = 60_000


def test_guest_asks_picks_and_inspects(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    page = window.open("try", "Try it")
    page.get_by_label("name", exact=True).fill("Berta")
    page.get_by_label("people num").fill("3")
    page.get_by_label("people age").fill("31, 33, 4")
    page.get_by_label("pool", exact=True).check()
    page.get_by_role("button", name="Rank the catalog").click()
    picks = page.get_by_role("button", name=re.compile("^Pick "))
    expect(picks).to_have_count(10, timeout=SECONDS)
    expect(page.locator(".steps")).to_contain_text("SUCCESS")
    name = picks.nth(2).get_attribute("aria-label")
    item = int(name.split()[-1])
    picks.nth(2).click()
    expect(page.locator(".steps")).to_contain_text(f"Picked {item}.")
    window.picture("try-picked")

    page.locator(".card a.id").click()
    page.get_by_role("heading", level=1, name="Inspect").wait_for()
    row = page.locator("tr", has=page.get_by_role("button", name=str(item), exact=True))
    expect(row).to_contain_text("picked")
    expect(page.get_by_text("Berta")).to_be_visible()
    row.get_by_role("button").click()
    page.get_by_role("heading", name=f"Why {item}?").wait_for()
    expect(page.locator(".bars tbody tr").first).to_be_visible()
    window.settle()
    window.picture("inspect-task")
    with own_turned_server.client() as client:
        task = page.url.rsplit("/", 1)[1]
        rows = client.get(f"/content/results?task_id={task}").json
        assert [row["location_id"] for row in rows if row["label"] == 1] == [item]
    assert window.complaints == []


def test_guest_chooses_none(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    page = window.open("try", "Try it")
    with own_turned_server.client() as client:
        before = metric(client, "rankloop_feedback_bad_total")
        page.get_by_role("button", name="Rank the catalog").click()
        page.get_by_role("button", name="None of these").click()
        page.get_by_text("None chosen: that teaches too.").wait_for()
        assert metric(client, "rankloop_feedback_bad_total") == before + 1


def test_wrong_request_is_told_kindly(dashboard, own_turned_server):
    page = dashboard(own_turned_server).open("try", "Try it")
    page.get_by_label("people num").fill("5")
    page.get_by_role("button", name="Rank the catalog").click()
    expect(page.get_by_role("alert")).to_contain_text("people_num")


def champion(client):
    return next(model["model_id"] for model in client.get("/models").json if model["champion"])


def test_model_is_promoted_and_rolled_back(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    with own_turned_server.client() as client:
        before = champion(client)
        other = next(model["model_id"] for model in client.get("/models").json if model["model_id"] != before)
        page = window.open(f"models/{other}", "Models")
        page.get_by_role("button", name="Promote", exact=True).click()
        dialog = page.get_by_role("dialog")
        act = dialog.get_by_role("button", name="Promote", exact=True)
        expect(act).to_be_disabled()
        dialog.get_by_label("Why").fill("It reads better to the editors")
        window.picture("models-promote")
        act.click()
        expect(dialog).to_be_hidden()
        page.get_by_text("It reads better to the editors").wait_for()
        wait_until(lambda: champion(client) == other, what="the promotion")
        event = client.get("/models/history?limit=1").json[0]
        assert (event["what"], event["actor"], event["remark"], event["reason"]) == (
            "promoted", "local", "dashboard", "It reads better to the editors")
        expect(page.locator(".timeline")).to_contain_text("by local (dashboard)")

        page.get_by_role("button", name="Roll back").click()
        dialog.get_by_label("Why").fill("Picks fell")
        dialog.get_by_role("button", name="Roll back").click()
        page.get_by_text("Picks fell").wait_for()
        wait_until(lambda: champion(client) == before, what="the rollback")
    assert window.complaints == []


def test_model_is_removed_for_good(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    with own_turned_server.client() as client:
        extra = client.post("/models", body=client.get(f"/models/{champion(client)}/artefact").body,
                            headers={"Content-Type": "application/octet-stream"}).json["model_id"]
        page = window.open(f"models/{extra}", "Models")
        page.get_by_role("button", name="Remove", exact=True).click()
        dialog = page.get_by_role("dialog")
        act = dialog.get_by_role("button", name="Remove for good")
        expect(act).to_be_disabled()
        dialog.get_by_label("Why").fill("Nobody needs a twin")
        act.click()
        expect(dialog).to_be_hidden()
        page.get_by_text("Nobody needs a twin").wait_for()
        assert client.get(f"/models/{extra}").status == 404
        expect(page.get_by_role("button", name="Remove", exact=True)).to_have_count(0)  # the champion is chosen again
    assert window.complaints == []


def test_challenger_gets_a_share_and_a_shadow(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    with own_turned_server.client() as client:
        other = next(model["model_id"] for model in client.get("/models").json if not model["champion"])
        page = window.open(f"models/{other}", "Models")
        dialog = page.get_by_role("dialog")
        page.get_by_role("button", name="Share traffic").click()
        dialog.get_by_label("Share of the people").fill("0.25")
        dialog.get_by_label("Why").fill("A careful start")
        dialog.get_by_role("button", name="Share", exact=True).click()
        page.get_by_text("A careful start").wait_for()
        assert client.get(f"/models/{other}").json["share"] == 0.25
        page.get_by_role("button", name="Shadow", exact=True).click()
        dialog.get_by_label("Why").fill("To compare in silence")
        dialog.get_by_role("button", name="Let it shadow").click()
        page.get_by_text("To compare in silence").wait_for()
        assert client.get(f"/models/{other}").json["shadow"] is True


def test_training_is_started_and_followed(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    page = window.open("training", "Training")
    page.get_by_label("family").select_option("mlp")
    page.get_by_label("promote").select_option("manual")
    page.get_by_text("Hyperparameters").click()
    page.get_by_label("mlp.epochs").fill("60")
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/#/training/*")
    # Two losses make a curve; the training takes seconds.
    page.get_by_role("img", name="Loss by epoch").wait_for()
    window.picture("training-live")
    page.locator("section", has=page.get_by_role("heading", name="Progress")).get_by_text("succeeded").wait_for(timeout=3 * SECONDS)
    page.get_by_role("heading", name="Lineage").wait_for()
    with own_turned_server.client() as client:
        mine = [model["model_id"] for model in client.get("/models").json if model["family"] == "mlp"]
        assert len(mine) == 2
        assert client.get(f"/models/{max(mine)}").json["lineage"]["hyperparameters"]["mlp.epochs"] == 60
    assert window.complaints == []


def test_task_is_cancelled_and_tried_again(dashboard, seeded_data):
    with Server("--workers", "0", copy_of=seeded_data) as server, server.client() as client:
        task = start(client, GUEST)
        page = dashboard(server).open("tasks", "Tasks")
        page.get_by_role("button", name=f"Cancel {task}").click()
        page.get_by_role("button", name=f"Retry {task}").wait_for()
        assert client.get(f"/tasks/{task}").json["state"] == "cancelled"
        page.get_by_label("state").select_option("failed")
        page.get_by_text("No task is like that").wait_for()
        page.get_by_label("state").select_option("cancelled")
        page.get_by_role("button", name=f"Retry {task}").click()
        wait_until(lambda: client.get(f"/tasks/{task}").json["state"] == "ready", what="the retry")


def test_item_is_found_changed_added_and_hidden(dashboard, own_turned_server):
    window = dashboard(own_turned_server)
    page = window.open("catalog", "Catalog")
    page.get_by_label("Search").fill("17")
    page.get_by_role("button", name="Edit 17", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("price").fill("77.25")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("tr", has=page.get_by_role("button", name="Edit 17", exact=True))).to_contain_text("77.25")
    with own_turned_server.client() as client:
        assert client.get("/content/location/17").json["price"] == 77.25
        page.get_by_role("button", name="Edit 17", exact=True).click()
        dialog.get_by_role("button", name="Hide", exact=True).click()
        dialog.get_by_role("button", name="Hide it for good").click()
        expect(dialog).to_be_hidden()
        page.get_by_role("heading", name="209 items").wait_for()

        page.get_by_role("button", name="Add").click()
        dialog.get_by_role("spinbutton").first.wait_for()
        for box in dialog.get_by_role("spinbutton").all():
            if box.get_attribute("required") is not None:
                box.fill("3")
        dialog.get_by_role("button", name="Save").click()
        page.get_by_role("heading", name="210 items").wait_for()
        assert client.get("/content/info").json["locations"] == 210
    assert window.complaints == []


def test_lists_of_two_models_stand_side_by_side(dashboard, turned_server, picked_task):
    page = dashboard(turned_server).open(f"inspect/{picked_task}", "Inspect")
    with turned_server.client() as client:
        models = {f"{model['family']} {model['model_id']}": model["model_id"] for model in client.get("/models").json}
        for name, number in models.items():
            wanted = [item["location_id"] for item in client.get(f"/inference/reorder/{picked_task}/{number}").json["items"]]
            page.locator(".card", has=page.get_by_role("heading", name="Through another model")).get_by_label("Model").select_option(str(number))
            lists = page.get_by_role("region", name="Both lists")
            expect(lists.get_by_role("columnheader", name=name)).to_be_visible(timeout=SECONDS)
            expect(lists.get_by_role("rowheader")).to_have_text([str(item) for item in wanted[:10]])


def test_two_models_are_compared(dashboard, turned_server):
    page = dashboard(turned_server).open("models/1", "Models")
    expect(page.get_by_role("columnheader", name="logistic 2, test")).to_be_visible(timeout=SECONDS)
    expect(page.locator(".importance").get_by_role("columnheader", name="logistic 2")).to_be_visible(timeout=SECONDS)
    expect(page.locator(".importance tbody tr")).to_have_count(12)


def test_probabilities_are_held_against_what_was_picked(dashboard, turned_server):
    window = dashboard(turned_server)
    with turned_server.client() as client:
        curves = {model["model_id"]: (model["metrics"].get("test") or {}).get("calibration_curve") for model in client.get("/models").json}
    drawn = next(number for number, curve in curves.items() if curve)
    page = window.open(f"models/{drawn}", "Models")
    chart = page.locator(".reliability")
    expect(chart.get_by_role("img")).to_be_visible(timeout=SECONDS)
    expect(chart.locator("circle")).to_have_count(len(curves[drawn]))
    chart.get_by_text("As a table").click()
    expect(chart.locator("tbody tr")).to_have_count(len(curves[drawn]))
    window.picture("models-calibration")
    assert window.complaints == []


def test_performance_is_told_by_model_and_position(dashboard, turned_server):
    page = dashboard(turned_server).open("performance", "Performance")
    with turned_server.client() as client:
        report = client.get("/monitoring/performance").json
    rows = page.get_by_role("region", name="Table of pick rates by position").locator("tbody tr")
    expect(rows).to_have_count(len(report["positions"]), timeout=SECONDS)
    expect(page.get_by_role("region", name="Table of outcomes by model")).to_contain_text("mlp 1")
    expect(page.get_by_role("img", name="Pick rate of the models over time")).to_be_visible()


def test_search_takes_flags_and_bounds(dashboard, turned_server):
    page = dashboard(turned_server).open("catalog", "Catalog")
    with turned_server.client() as client:
        items = client.get("/content/locations?limit=10000").json
    wanted = sum(item["has_pool"] and item["price"] < 150 for item in items)
    page.get_by_label("Search").fill("has_pool price<150")
    expect(page.locator("#search-note")).to_have_text(f"{wanted} found")


def test_a_past_request_is_ranked_again(dashboard, own_turned_server):
    with own_turned_server.client() as client:
        task = start(client)
        wait_until(lambda: client.get(f"/inference/status/{task}").json["status"] == "SUCCESS", 30, "the ranking")
    window = dashboard(own_turned_server)
    page = window.open(f"inspect/{task}", "Inspect")
    again = page.locator(".card", has=page.get_by_role("heading", name="Ranked again"))
    expect(again.get_by_role("status")).to_have_text("The same list, bit by bit.", timeout=SECONDS)
    rows = again.get_by_role("region", name="The list, ranked again").locator("tbody tr")
    expect(rows).to_have_count(10)
    best = int(rows.first.locator("th").inner_text())
    with own_turned_server.client() as client:
        assert client.request("DELETE", f"/items/{best}").status in (200, 204)
    again.get_by_label("Catalog").select_option("now")
    expect(again.get_by_role("status")).to_contain_text("It differs from rank 1 on.", timeout=SECONDS)
    expect(rows.first.locator("th")).not_to_have_text(str(best))
    again.get_by_label("Catalog").select_option("then")
    expect(rows.first.locator("th")).to_have_text(str(best), timeout=SECONDS)
    again.scroll_into_view_if_needed()
    window.settle()
    window.picture("inspect-again")
    assert window.complaints == []
