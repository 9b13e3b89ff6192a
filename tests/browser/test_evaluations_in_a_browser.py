"""The card at a model that tells what it would have earned."""

import pytest

from rankloop_process import Server, run, wait_until

EXPLORING = {"RANKLOOP_EXPLORATION_SHARE": "0.5"}


@pytest.fixture(scope="module")
def exploring_server(turned_data):
    """A server of which half of the lists of 300 guests were drawn."""
    with Server(env=EXPLORING, copy_of=turned_data) as server:
        sent = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "8", "--journeys", "300",
                   "--quiet")
        assert sent.returncode == 0, sent.stderr
        yield server


def champion(server):
    with server.client() as client:
        return next(model["model_id"] for model in client.get("/models").json if model["champion"])


def card(page):
    return page.locator("section.earned")


def test_an_evaluation_is_started_and_read(dashboard, exploring_server):
    for scheme in ("light", "dark"):
        window = dashboard(exploring_server, color_scheme=scheme)
        page = window.open(f"models/{champion(exploring_server)}", "Models")
        page.get_by_role("heading", level=2, name="What it would have earned").wait_for()
        if scheme == "light":
            window.settle()
            window.picture("evaluation-start")
            card(page).get_by_label("exploring").select_option(label="20 % in random order")
            card(page).get_by_label("positions").select_option("3")
            card(page).get_by_role("button", name="Evaluate").click()
        card(page).locator("table.estimates").wait_for()
        rows = card(page).locator("table.estimates tbody tr")
        assert rows.count() > 5
        assert "The log's own" in rows.first.inner_text()
        for words in ("They say as much as", "Never shown", "Largest weight", "20 % of the requests explore",
                      "left out: they were ranked without chance"):
            assert words in card(page).inner_text()
        window.settle()
        window.picture(f"evaluation-{scheme}")
        assert window.complaints == []


def test_a_log_that_cannot_tell_says_what_would_help(dashboard, own_turned_server):
    window = dashboard(own_turned_server, viewport={"width": 390, "height": 844})
    page = window.open(f"models/{champion(own_turned_server)}", "Models")
    card(page).get_by_role("button", name="Evaluate").click()
    card(page).get_by_text("what would help").wait_for()
    assert "exploration.share = 0.05" in card(page).inner_text()
    assert card(page).locator("table.estimates").count() == 0
    window.picture("evaluation-refused")
    assert window.complaints == []


def test_an_evaluation_is_cancelled(dashboard, exploring_server):
    number = champion(exploring_server)
    with exploring_server.client() as client:
        task = client.post("/evaluations", {"model_id": number, "family": "gbdt", "folds": 10}).json["task_id"]
        window = dashboard(exploring_server)
        page = window.open(f"models/{number}", "Models")
        card(page).get_by_role("button", name="Cancel").click()
        wait_until(lambda: client.get(f"/evaluations/{task}").json["status"] == "REVOKED", what="the revocation")
        card(page).get_by_role("button", name="Evaluate").wait_for()
        assert window.complaints == []
