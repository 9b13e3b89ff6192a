"""Forms and tables of a catalog of words, tags, texts, places and vectors."""

import re

import pytest
from playwright.sync_api import expect

from learning import LINES
from rankloop_process import ROOT, Server

SECONDS = 60_000


@pytest.fixture
def shop():
    line = ('{"product_id": 1, "title": "A kettle", "brand": "Zoë & Söhne", "ships_to": ["DE", "FR"], '
            '"tags": ["science fiction"], "price": 20, "added": "2026-01-15", "warehouse": {"lat": 52.5, "lon": 13.4}, '
            '"look": [0.5, -0.5, 0, 1]}')
    with Server("--domain", ROOT / "domain/shop.toml", "--empty") as server:
        with server.client() as client:
            assert client.post("/items:import", body=line.encode(), headers=LINES).status == 200
        yield server


def test_an_item_is_read_and_changed_in_a_form(dashboard, shop):
    window = dashboard(shop)
    page = window.open("catalog", "Catalog")
    page.get_by_role("button", name="Edit 1", exact=True).click(timeout=SECONDS)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("brand (optional)")).to_have_value("Zoë & Söhne")
    expect(dialog.get_by_label("tags (optional)")).to_have_value("science fiction")
    expect(dialog.get_by_label("warehouse (optional)")).to_have_value("52.5, 13.4")
    expect(dialog.get_by_label("look (optional)")).to_have_value("0.5, -0.5, 0, 1")
    dialog.get_by_label("tags (optional)").fill("science fiction, on sale")
    dialog.get_by_label("warehouse (optional)").fill("48.8, 2.3")
    dialog.get_by_label("description (optional)").fill("Boils water.\nTwice.")
    dialog.get_by_label("look (optional)").fill("")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden(timeout=SECONDS)
    with shop.client() as client:
        item = client.get("/content/product/1").json
    assert item["tags"] == ["science fiction", "on sale"] and item["warehouse"] == {"lat": 48.8, "lon": 2.3}, item
    assert item["description"] == "Boils water.\nTwice." and item.get("look") is None, item
    assert window.complaints == []


def test_a_visit_is_asked_for_in_a_form(dashboard, shop):
    window = dashboard(shop)
    page = window.open("try", "Try it")
    page.get_by_label("country").fill("FR", timeout=SECONDS)
    page.get_by_label("device (optional)").select_option("tablet")
    page.get_by_label("home (optional)").fill("52.52, 13.405")
    page.get_by_label("wanted (optional)").fill("science fiction, garden")
    page.get_by_role("button", name="Rank the catalog").click()
    expect(page.get_by_role("button", name=re.compile("^Pick "))).to_have_count(1, timeout=SECONDS)
    with shop.client() as client:
        visit = client.get("/content/visits?limit=10").json[-1]
    assert visit["device"] == "tablet" and visit["home"] == {"lat": 52.52, "lon": 13.405}, visit
    assert visit["wanted"] == ["science fiction", "garden"] and "at" in visit, visit
    assert window.complaints == []
