"""The page of performance, where a domain has more kinds of feedback than picks."""

import random

import pytest
from playwright.sync_api import expect

from conftest import NARROW, violations
from feedback_shop import DOMAIN, THINGS
from guests import results
from rankloop_process import Server

SECONDS = 60_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    domain = tmp_path_factory.mktemp("domain") / "shop.toml"
    domain.write_text(DOMAIN)
    chance = random.Random(5)
    with Server("--domain", domain, "--empty") as server, server.client() as client:
        assert client.request("POST", "/items:import", body=THINGS, headers={"Content-Type": "text/csv"}).status == 200
        for _ in range(40):
            task = client.post("/inference/start?wait=30s", {"budget": 5}).json["task_id"]
            shown = [row["sku"] for row in results(client, task)]
            events = [{"task_id": task, "sku": chance.choice(shown[:4]), "kind": "cart"}]
            if chance.random() < 0.4:
                events.append({"task_id": task, "sku": shown[chance.randint(0, 2)], "kind": "buy", "value": chance.randint(5, 90)})
            assert client.post("/feedback", events).json["refused"] == 0
        yield server


def test_performance_shows_every_kind(dashboard, shop):
    for scheme in ("light", "dark"):
        window = dashboard(shop, color_scheme=scheme)
        page = window.open("performance", "Performance")
        page.get_by_role("heading", name="By kind of feedback").wait_for()
        rows = page.locator("table.kinds tbody tr")
        assert [row.locator("th").inner_text() for row in rows.all()] == ["buy", "cart"]
        assert "100" in rows.nth(1).inner_text() and "random order" in rows.nth(1).inner_text()
        window.settle()
        window.picture(f"feedback-{scheme}")
        assert window.complaints == []


def outcomes_of(server, kind):
    with server.client() as client:
        return client.get(f"/monitoring/performance?kind={kind}").json["outcomes"]


def test_every_kind_has_the_same_charts(dashboard, shop, axe):
    """What is chosen above is what all charts are of; it stands in the address."""
    for name, options in (("light", {"color_scheme": "light"}), ("dark", {"color_scheme": "dark"}), ("phone", {"viewport": NARROW, "has_touch": True})):
        window = dashboard(shop, **options)
        page = window.open("performance", "Performance")
        what = page.get_by_label("What")
        expect(what).to_have_value("reward", timeout=SECONDS)  # what is learned
        for kind, figure in (("reward", "Reward of a list"), ("buy", "Lists with “buy”"), ("cart", "Lists with “cart”"),
                             ("dislike", "Lists with “dislike”"), ("pick", "Pick rate")):
            what.select_option(kind)
            models = page.get_by_role("region", name="Table of outcomes by model")
            expect(models.get_by_role("columnheader", name=figure, exact=True)).to_be_visible(timeout=SECONDS)
            told = outcomes_of(shop, kind)
            positions = page.locator("table", has=page.get_by_role("columnheader", name="Position", exact=True)).first.locator("tbody tr")
            expect(positions).to_have_count(len(told["positions"]))
            expect(positions.first).to_contain_text(f"{told['positions'][0]['told']}")
            expect(page.locator(".chart").first).to_be_visible()
            window.settle()
            window.picture(f"performance-{kind}-{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
            assert violations(page, axe) == []
        assert window.complaints == []


def test_what_a_kind_is_worth_is_a_way_to_look_at_it(dashboard, shop):
    window = dashboard(shop)
    page = window.open("performance?kind=buy&by=mean", "Performance")
    told = outcomes_of(shop, "buy")["models"][0]
    models = page.get_by_role("region", name="Table of outcomes by model")
    expect(models.get_by_role("columnheader", name="Value of “buy”")).to_be_visible(timeout=SECONDS)
    expect(models).to_contain_text(f"{told['mean']:.3g}")
    expect(models).to_contain_text(f"{100 * told['share']:.1f} %")
    page.get_by_label("As").select_option("share")
    page.wait_for_function("!location.hash.includes('by=')")
    page.get_by_label("What").select_option("reward")
    page.wait_for_function("location.hash.includes('kind=reward')")
    assert window.complaints == []
