"""An experiment from its draft to its conclusion, as an operator sees it."""

import re

import pytest
from playwright.sync_api import expect

from conftest import NARROW, violations
from learning import QUICK, import_history, past_requests, trained
from rankloop_process import Server, run, wait_until

SECONDS = 60_000
JOURNEYS = 500  # some hundred people in each arm


def reason(page, act, why):
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Why").fill(why)
    dialog.get_by_role("button", name=act, exact=True).click()
    expect(dialog).to_have_count(0, timeout=SECONDS)


@pytest.fixture(scope="module")
def experiment_server(seeded_data):
    """A server with an experiment that has answered."""
    body = {
        "name": "champion again", "smallest_effect": 0.05, "planned_people": 400,
        "arms": [{"name": "control", "model_id": "champion", "share": 0.5}, {"name": "again", "model_id": "champion", "share": 0.5}],
        "guardrails": [{"metric": "none_rate", "bound": 0.5}],
    }
    with Server(copy_of=seeded_data) as server:
        with server.client() as client:
            number = client.post("/experiments", body).json["experiment_id"]
            assert client.post(f"/experiments/{number}/start", {"reason": "to see"}).status == 200
        sent = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "8", "--journeys", JOURNEYS, "--quiet")
        assert sent.returncode == 0, sent.stderr
        with server.client() as client:
            wait_until(lambda: client.get(f"/experiments/{number}/report").json["bands"], 60, "the report")
        yield server


def shown(window):
    page = window.open("experiments/1", "Experiments")
    expect(page.get_by_role("img", name="Always-valid bands of the difference")).to_be_visible(timeout=SECONDS)
    page.locator("label.beside select").select_option("nights")
    expect(page.get_by_role("region", name="Segments by nights")).to_be_visible(timeout=SECONDS)
    window.settle()
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_an_experiment_says_is_whole_and_accessible(dashboard, experiment_server, axe, scheme):
    window = dashboard(experiment_server, color_scheme=scheme)
    page = shown(window)
    expect(page.get_by_role("region", name="Arms by pick rate")).to_contain_text("the control")
    expect(page.get_by_text("again: holds")).to_be_visible()
    window.picture(f"experiment-{scheme}")
    assert violations(page, axe) == []
    assert window.complaints == []


def test_what_an_experiment_says_fits_a_phone(dashboard, experiment_server, axe):
    window = dashboard(experiment_server, viewport=NARROW, has_touch=True)
    page = shown(window)
    window.picture("experiment-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert violations(page, axe) == []


def test_a_sample_ratio_alarm_is_told(dashboard, experiment_server):
    window = dashboard(experiment_server)

    def answer(route):
        told = route.fetch().json()
        told["sample_ratio"] |= {"alarm": True, "p": 0.0004}
        route.fulfill(json=told)

    window.page.route("**/experiments/1/report", answer)
    page = window.open("experiments/1", "Experiments")
    expect(page.get_by_role("alert")).to_contain_text("Sample ratio mismatch", timeout=SECONDS)
    window.picture("experiment-alarm")


def test_an_experiment_goes_from_draft_to_conclusion(dashboard, own_server, axe):
    window = dashboard(own_server)
    page = window.open("experiments", "Experiments")
    page.get_by_role("button", name="Draft an experiment").click()
    form = page.locator("dialog[open]")
    form.get_by_label("Name").fill("A/A")
    form.get_by_label("Rate without it").fill("0.4")
    expect(form.get_by_text(re.compile("people in each arm"))).to_be_visible(timeout=SECONDS)
    window.picture("experiment-draft")
    assert violations(page, axe) == []
    form.get_by_role("button", name="Draft", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="A/A")).to_be_visible(timeout=SECONDS)
    page.get_by_role("button", name="Start").click()
    reason(page, "Start", "a look")
    page.get_by_role("button", name="Conclude").click()
    page.locator("dialog[open]").get_by_label("What it came to").select_option("invalid")
    reason(page, "Conclude", "nobody came")
    expect(page.get_by_role("region", name="Table of experiments")).to_contain_text("invalid", timeout=SECONDS)
    expect(page.get_by_text("nobody came")).to_be_visible(timeout=SECONDS)
    assert window.complaints == []


@pytest.fixture(scope="module")
def interleaved_server(seeded_data):
    """A server with an experiment whose two arms made every list."""
    with Server(env=QUICK, copy_of=seeded_data) as server:
        with server.client() as client:
            import_history(client, past_requests(400))
            model = trained(client, family="popularity", promote="manual")
            body = {
                "name": "taste", "method": "interleaving", "smallest_effect": 0.1, "planned_people": 300,
                "arms": [{"name": "baseline", "model_id": "champion", "share": 0.5}, {"name": "popular", "model_id": model, "share": 0.5}],
            }
            number = client.post("/experiments", body).json["experiment_id"]
            assert client.post(f"/experiments/{number}/start", {"reason": "to see"}).status == 200
        sent = run("simulate", "traffic", "--url", server.url, "--no-wait", "--guests", "8", "--journeys", JOURNEYS, "--quiet")
        assert sent.returncode == 0, sent.stderr
        with server.client() as client:
            wait_until(lambda: client.get(f"/experiments/{number}/report").json["bands"], 60, "the report")
        yield server


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_lists_of_both_arms_say_is_whole_and_accessible(dashboard, interleaved_server, axe, scheme):
    window = dashboard(interleaved_server, color_scheme=scheme)
    page = shown(window)
    won = page.get_by_role("region", name="Lists that each arm won")
    for text in ("baseline", "popular", "neither"):
        expect(won).to_contain_text(text)
    expect(page.get_by_text("Every list is of both arms, merged by team draft")).to_be_visible()
    expect(page.get_by_role("region", name="Arms by lists won")).to_contain_text("the control")
    expect(page.get_by_text("first places that a coin was to give them")).to_be_visible()
    window.picture(f"interleaving-{scheme}")
    assert violations(page, axe) == []
    assert window.complaints == []


def test_what_lists_of_both_arms_say_fits_a_phone(dashboard, interleaved_server, axe):
    window = dashboard(interleaved_server, viewport=NARROW, has_touch=True)
    page = shown(window)
    window.picture("interleaving-phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    assert violations(page, axe) == []


def test_two_models_are_drafted_to_answer_together(dashboard, interleaved_server, axe):
    window = dashboard(interleaved_server)
    page = window.open("experiments", "Experiments")
    page.get_by_role("button", name="Draft an experiment").click()
    form = page.locator("dialog[open]")
    form.get_by_label("Name").fill("by chance")
    form.get_by_label("Lists are").select_option("probabilistic")
    assert "none rate" not in form.get_by_label("Metric that decides").inner_text()
    expect(form.get_by_label("Beside the champion").locator("option[value=champion]")).to_have_count(0)
    form.get_by_label("Share of lists with a pick").fill("0.6")
    expect(form.get_by_text(re.compile("people with lists of both arms"))).to_be_visible(timeout=SECONDS)
    window.picture("interleaving-draft")
    assert violations(page, axe) == []
    form.get_by_role("button", name="Draft", exact=True).click()
    expect(page.get_by_role("heading", level=2, name="by chance")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("merged by chance")).to_be_visible()
    expect(page.get_by_role("region", name="Table of experiments")).to_contain_text("interleaved")
    assert window.complaints == []
