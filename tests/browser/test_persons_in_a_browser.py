"""The page of persons: found by key, stored fields, what happened before, requests, an export and an erasure."""

import json
import urllib.parse

import pytest
from playwright.sync_api import expect

from conftest import NARROW, violations
from guests import GUEST, finished
from people import DOMAIN, KEY, bought, fill, path_of, visited
from rankloop_process import Server, wait_until

SECONDS = 60_000
HISTORIES = """
[[history]]
name = "bought_lately"
what = "count"
of = "person"
kind = "buy"
within = "30d"
[[history]]
name = "last_things"
what = "last"
of = "person"
kind = "pick"
most = 3
[[history]]
name = "last_seen"
what = "since_last"
of = "person"
kind = "shown"
"""


@pytest.fixture
def shop(tmp_path):
    domain = tmp_path / "shop.toml"
    domain.write_text(DOMAIN + HISTORIES)
    with Server("--domain", domain, "--empty") as server, server.client() as client:
        fill(client)
        client.put(path_of(KEY), {"age": 41, "country": "at"})
        for number in range(12):
            visited(client, KEY, greeting=f"hello {number}")
        bought(client, KEY, 20, 30)
        wait_until(lambda: client.get(path_of(KEY, "/histories")).json[0]["value"] == 2, what="what was bought")
        yield server


def look(page, key):
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Look").click()


def card(page, title):
    return page.locator(".card", has=page.get_by_role("heading", name=title, exact=True))


def test_a_person_is_found_by_key_with_all_that_is_known(dashboard, shop, axe):
    for name, options in (("light", {"color_scheme": "light"}), ("dark", {"color_scheme": "dark"}),
                          ("phone", {"viewport": NARROW, "has_touch": True})):
        window = dashboard(shop, **options)
        page = window.open("persons", "Persons")
        look(page, KEY)
        known = card(page, "Known")
        expect(known).to_contain_text(KEY, timeout=SECONDS)
        expect(known).to_contain_text("Requests12")
        expect(known).to_contain_text("Events elsewhere2")
        histories = card(page, "What happened before").locator("tbody tr")
        expect(histories).to_have_count(3)
        expect(histories.nth(0)).to_contain_text("2 times")
        expect(histories.nth(0)).to_contain_text("How often the person who asks gave “buy”, in the last 30 days.")
        expect(histories.nth(1)).to_contain_text("thing/")
        requests = card(page, "Newest requests")
        expect(requests.locator("tbody tr")).to_have_count(10)
        expect(requests).to_contain_text("The last 10 of 12")
        expect(requests.locator("tbody tr").first).to_contain_text("pick")
        window.settle()
        window.picture(f"persons-known-{name}")
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
        assert window.complaints == []


def test_stored_fields_are_changed_in_a_form(dashboard, shop):
    window = dashboard(shop)
    page = window.open(f"persons/{urllib.parse.quote(KEY, safe='')}", "Persons")
    form = card(page, "Stored fields")
    expect(form.get_by_label("Age")).to_have_value("41", timeout=SECONDS)
    expect(form.get_by_role("button", name="Store")).to_be_disabled()
    form.get_by_label("Age").fill("42")
    form.get_by_label("Country").select_option("")
    form.get_by_role("button", name="Store").click()
    with shop.client() as client:
        wait_until(lambda: client.get(path_of(KEY)).json["fields"] == {"age": 42}, what="the change")
    expect(form.get_by_role("button", name="Store")).to_be_disabled()
    form.get_by_label("Age").fill("900")
    form.get_by_role("button", name="Store").click()
    expect(form.get_by_label("Age")).to_have_js_property("validity.rangeOverflow", True)
    assert window.complaints == []


def test_a_request_of_a_person_leads_to_its_ranking(dashboard, shop):
    page = dashboard(shop).open(f"persons/{urllib.parse.quote(KEY, safe='')}", "Persons")
    card(page, "Newest requests").get_by_role("link").first.click(timeout=SECONDS)
    page.get_by_role("heading", level=1, name="Inspect").wait_for()


def test_an_export_is_a_file_of_what_the_api_says(dashboard, shop):
    page = dashboard(shop).open(f"persons/{urllib.parse.quote(KEY, safe='')}", "Persons")
    with page.expect_download(timeout=SECONDS) as download:
        page.get_by_role("link", name="Export").click()
    lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert download.value.suggested_filename == "person.jsonl"
    assert lines[0]["user_key"] == KEY and lines[-1] == {"kind": "end", "requests": 12, "events": 2}


def test_an_erasure_is_confirmed_followed_and_receipted(dashboard, shop, axe):
    window = dashboard(shop)
    page = window.open(f"persons/{urllib.parse.quote(KEY, safe='')}", "Persons")
    page.get_by_role("button", name="Erase", exact=True).click(timeout=SECONDS)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 events elsewhere and the key of 12 requests")
    window.picture("persons-erase")
    assert violations(page, axe) == []
    dialog.get_by_role("button", name="Leave it").click()
    with shop.client() as client:
        assert client.get(path_of(KEY)).status == 200
        page.get_by_role("button", name="Erase", exact=True).click()
        page.get_by_role("button", name="Erase for good").click()
        erasure = card(page, "Erasure")
        expect(erasure).to_contain_text("Stored fields are gone", timeout=SECONDS)
        expect(erasure).to_contain_text("Requests unlinked12", timeout=SECONDS)
        expect(erasure).to_contain_text("done")
        assert client.get(path_of(KEY)).status == 404
    assert urllib.parse.quote(KEY, safe="") not in page.url and "ann" not in page.url
    window.picture("persons-erased")
    assert violations(page, axe) == []
    page.reload()
    expect(card(page, "Erasure")).to_contain_text("Requests unlinked12", timeout=SECONDS)
    look(page, KEY)
    expect(page.get_by_text("Nothing is known of this person")).to_be_visible(timeout=SECONDS)
    assert window.complaints == []


def test_fields_of_somebody_new_are_stored(dashboard, shop):
    window = dashboard(shop)
    page = window.open("persons/new", "Persons")
    expect(page.get_by_text("Nothing is known of this person")).to_be_visible(timeout=SECONDS)
    form = card(page, "Stored fields")
    form.get_by_label("Age").fill("7")
    form.get_by_role("button", name="Store").click()
    expect(card(page, "Known")).to_contain_text("new", timeout=SECONDS)
    expect(page.get_by_text("This person asked for no ranking.")).to_be_visible()
    assert window.complaints == []


def test_a_domain_that_stores_nothing_says_so(dashboard, own_turned_server, axe):
    with own_turned_server.client() as client:
        finished(client, GUEST, user_key="ann")
    window = dashboard(own_turned_server)
    page = window.open("persons/ann", "Persons")
    expect(card(page, "Stored fields")).to_contain_text("This domain stores nothing of people", timeout=SECONDS)
    expect(card(page, "What happened before")).to_contain_text("The domain file has no [[history]] of the person who asks")
    expect(card(page, "Newest requests").locator("tbody tr")).to_have_count(1)
    window.picture("persons-plain")
    assert violations(page, axe) == []
    assert window.complaints == []


def test_an_erasure_that_is_not_there_is_said_to_be_missing(dashboard, turned_server):
    page = dashboard(turned_server).open("persons?erasure=01890000-0000-7000-8000-000000000000", "Persons")
    expect(page.get_by_text("There is no such erasure")).to_be_visible(timeout=SECONDS)
