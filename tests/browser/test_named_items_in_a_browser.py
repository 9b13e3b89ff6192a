"""Pages of items that are named by texts."""

import pytest
from playwright.sync_api import expect

from guests import finished, results
from named_things import DOMAIN, KEYS, at, bring
from rankloop_process import Server

SECONDS = 60_000


@pytest.fixture
def things(tmp_path):
    (tmp_path / "things.toml").write_text(DOMAIN)
    with Server("--domain", tmp_path / "things.toml", "--empty", env={"RANKLOOP_BASELINE": "false"}) as server:
        with server.client() as client:
            bring(client)
        yield server


@pytest.mark.parametrize("key", ["a/b", "head&shoulders_2014", "%2F", "🍎"])
def test_an_item_is_changed_and_hidden_in_its_form(dashboard, things, key):
    window = dashboard(things)
    page = window.open("catalog", "Catalog")
    page.get_by_role("button", name=f"Edit {key}", exact=True).click(timeout=SECONDS)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=f"thing {key}", exact=True)).to_be_visible()
    dialog.get_by_label("price").fill("77")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=SECONDS)
    with things.client() as client:
        assert client.get(at(key)).json == {"sku": key, "price": 77}
    page.get_by_role("button", name=f"Edit {key}", exact=True).click(timeout=SECONDS)
    page.get_by_role("dialog").get_by_role("button", name="Hide", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Hide it for good").click()
    expect(page.get_by_role("button", name=f"Edit {key}", exact=True)).to_have_count(0, timeout=SECONDS)
    with things.client() as client:
        assert client.get(at(key)).status == 404
    assert window.complaints == []


def test_an_item_is_added_by_its_text(dashboard, things):
    window = dashboard(things)
    page = window.open("catalog", "Catalog")
    page.get_by_role("button", name="Add", exact=True).click(timeout=SECONDS)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("sku").fill("new/one")
    dialog.get_by_label("price").fill("5")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=SECONDS)
    with things.client() as client:
        assert client.get(at("new/one")).json == {"sku": "new/one", "price": 5}
    assert window.complaints == []


def test_an_item_is_picked_and_explained_by_its_text(dashboard, things):
    with things.client() as client:
        task = finished(client, {"age": 30}, candidates=KEYS[:2])
        first = results(client, task)[0]["sku"]
    window = dashboard(things)
    page = window.open(f"inspect/{task}", "Inspect")
    page.get_by_role("button", name="a/b", exact=True).click(timeout=SECONDS)
    expect(page.get_by_role("heading", name="Why a/b?")).to_be_visible(timeout=SECONDS)
    expect(page.get_by_role("button", name=first, exact=True)).to_be_visible()
    page = window.open("try", "Try it")
    page.get_by_role("button", name="Rank the catalog").click(timeout=SECONDS)
    page.get_by_role("button", name="Pick thing a/b", exact=True).click(timeout=SECONDS)
    expect(page.get_by_text("Picked a/b.")).to_be_visible(timeout=SECONDS)
    assert window.complaints == []
