"""What happened before, on the pages of items and of past rankings."""

import pytest
from playwright.sync_api import expect

from conftest import NARROW, violations
from history_shop import DOMAIN, asked, opened, select, shown, visits
from rankloop_process import Server, wait_until

SECONDS = 60_000
OPTIONS = (("light", {"color_scheme": "light"}), ("dark", {"color_scheme": "dark"}), ("phone", {"viewport": NARROW, "has_touch": True}))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    domain = tmp_path_factory.mktemp("domain") / "shop.toml"
    domain.write_text(DOMAIN)
    with Server("--domain", domain, "--empty") as server:
        with server.client() as client:
            opened(client)
        visits(server.client, 5, 40, 3)
        yield server


def values_of(rows):
    return {row.locator("th").inner_text().splitlines()[0]: row.locator("td").first.inner_text() for row in rows.all()}


def test_an_item_tells_what_happened_before(dashboard, shop, axe):
    for name, options in OPTIONS:
        window = dashboard(shop, **options)
        page = window.open("catalog", "Catalog")
        page.get_by_role("button", name="Edit 7", exact=True).click(timeout=SECONDS)
        dialog = page.get_by_role("dialog")
        rows = dialog.get_by_role("region", name="Table of what happened before").locator("tbody tr")
        expect(rows).to_have_count(4, timeout=SECONDS)
        with shop.client() as client:
            now = {history["name"]: history for history in client.get("/items/7/histories").json}
        told = values_of(rows)
        assert told["pick rate"] == f"{100 * now['pick_rate']['value']:.1f} %"
        expect(rows.first).to_contain_text("How often this thing got “pick”, for each time it was shown, in the last day")
        expect(dialog).to_contain_text("Each person has values of their own of shown before, last shown, brand share, seen now")
        window.settle()
        window.picture(f"catalog-histories-{name}")
        assert violations(page, axe) == []
        assert window.complaints == []


def test_a_past_ranking_tells_what_was_known_then(dashboard, shop, axe):
    with shop.client() as client:
        task = asked(client, "person 1")
        first = shown(client, task)[0]
        why = client.get(f"/inference/explain/{task}/{first}").json
        select(client, task, first)
        wait_until(lambda: client.get("/persons/person%201/histories").json[0]["value"] > why["histories"][0]["value"], what="the pick")
    then = {history["name"]: history["value"] for history in why["histories"]}
    for name, options in OPTIONS:
        window = dashboard(shop, **options)
        page = window.open(f"inspect/{task}", "Inspect")
        rows = page.get_by_role("region", name="Table of what happened before").locator("tbody tr")
        expect(rows).to_have_count(13, timeout=SECONDS)
        told = values_of(rows)
        assert told["picks"] == f"{int(then['picks'])} time{'' if then['picks'] == 1 else 's'}"
        assert told["brands"] == ", ".join(then["brands"])
        assert told["pick rate"] == f"{100 * then['pick_rate']:.1f} %"
        expect(rows.first).to_contain_text("How often the person who asks gave “pick”.")
        window.settle()
        window.picture(f"inspect-histories-{name}")
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        assert window.complaints == []


def test_a_domain_without_histories_shows_none(dashboard, turned_server, picked_task):
    window = dashboard(turned_server)
    page = window.open("catalog", "Catalog")
    page.get_by_role("button", name="Edit 1", exact=True).click(timeout=SECONDS)
    expect(page.get_by_role("dialog").get_by_role("button", name="Save")).to_be_visible()
    window.settle()
    expect(page.get_by_text("What happened before")).to_have_count(0)
    page = window.open(f"inspect/{picked_task}", "Inspect")
    expect(page.get_by_role("table", name="What each feature added to the score")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_text("What was known then")).to_have_count(0)
    assert window.complaints == []
